/**
 * The look of the ground under the positions: quiet, so that what moves stands out. Knows the layers of the demonstration's
 * map and those of a Protomaps file; a layer that a file does not have draws nothing. No glyphs: labels use the phone's fonts.
 */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';

export interface Colours {
  sea: string;
  land: string;
  border: string;
  road: string;
  label: string;
  halo: string;
  him: string;
  her: string;
}

export const LIGHT: Colours = { sea: '#dbe4ec', land: '#f5f4f0', border: '#b9bfc6', road: '#c9c4b8', label: '#4a5560', halo: '#ffffff', him: '#9a3412', her: '#1e40af' };
export const DARK: Colours = { sea: '#10171e', land: '#1d262f', border: '#3d4853', road: '#4a4f52', label: '#aab6c1', halo: '#10171e', him: '#fdba74', her: '#a9c9ff' };

const SOURCE = 'base';

function labels(id: string, minzoom: number, maxzoom: number, size: number, c: Colours): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source: SOURCE,
    'source-layer': id,
    minzoom,
    maxzoom,
    layout: { 'text-field': ['get', 'name'], 'text-size': size, 'text-max-width': 8, 'text-padding': 12 },
    paint: { 'text-color': c.label, 'text-halo-color': c.halo, 'text-halo-width': 1.4 },
  };
}

function borders(id: string, minzoom: number, width: number, c: Colours): LayerSpecification {
  return { id, type: 'line', source: SOURCE, 'source-layer': id, minzoom, paint: { 'line-color': c.border, 'line-width': width } };
}

function ground(c: Colours): LayerSpecification[] {
  const fill = (id: string, layer: string, colour: string): LayerSpecification => ({
    id,
    type: 'fill',
    source: SOURCE,
    'source-layer': layer,
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': colour },
  });
  return [
    fill('land', 'land', c.land),
    fill('earth', 'earth', c.land),
    fill('water', 'water', c.sea),
    borders('emd', 11, 0.6, c),
    borders('sigungu', 8, 1, c),
    borders('sido', 4, 1.4, c),
    { id: 'roads', type: 'line', source: SOURCE, 'source-layer': 'roads', minzoom: 10, paint: { 'line-color': c.road, 'line-width': 1.4 } },
    { id: 'road', type: 'line', source: SOURCE, 'source-layer': 'road', paint: { 'line-color': c.road, 'line-width': 4 } },
    {
      id: 'metro',
      type: 'line',
      source: SOURCE,
      'source-layer': 'metro',
      paint: { 'line-color': ['coalesce', ['get', 'colour'], c.border], 'line-width': 2, 'line-opacity': 0.55 },
    },
    labels('emd_label', 12.5, 24, 12, c),
    labels('sigungu_label', 9, 12.5, 13, c),
    labels('sido_label', 5, 9, 14, c),
  ];
}

/** The style; with `tiles` null (no map is installed) a plain ground. */
export function style(tiles: string | null, c: Colours): StyleSpecification {
  const background: LayerSpecification = { id: 'ground', type: 'background', paint: { 'background-color': tiles === null ? c.land : c.sea } };
  return {
    version: 8,
    sources: tiles === null ? {} : { [SOURCE]: { type: 'vector', url: `pmtiles://${tiles}` } },
    layers: tiles === null ? [background] : [background, ...ground(c)],
  };
}
