/**
 * The map: heavy, so it is loaded only after the sentence is on screen (`import()` this file). Draws a scene on the ground and
 * keeps nothing of it: `wipe` removes every position from the map and from memory.
 */
import {
  addProtocol,
  Map as Ground,
  setWorkerUrl,
  type ExpressionSpecification,
  type GeoJSONSource,
  type LayerSpecification,
  type StyleSpecification,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { PMTiles, Protocol } from 'pmtiles';
import { DARK, LIGHT, style, type Colours } from './basemap';
import { m } from './paraglide/messages.js';
import { frame, scene, type MapView } from './scene';

const TILES = '/tiles/base.pmtiles';
const EMPTY = { type: 'FeatureCollection' as const, features: [] };
const HIM = '#c2410c';
const HER = '#1d4ed8';
const DIAMOND = 'diamond';
const NAMELESS: Names = { monitored: '', protected: '' };

/** What is written beside the two people; they differ by shape as well as by colour. */
export interface Names {
  monitored: string;
  protected: string;
}

export interface DrawnMap {
  show(view: MapView, elapsedS: number, maxAgeS: number): void;
  wipe(): void;
  remove(): void;
}

setWorkerUrl(workerUrl);
// With the file's own words, or nobody would read whose data this is.
const protocol = new Protocol({ metadata: true });
addProtocol('pmtiles', protocol.tile);

function role(him: string, her: string): ExpressionSpecification {
  return ['match', ['get', 'role'], 'monitored', him, her];
}

function layers(c: Colours, names: Names): LayerSpecification[] {
  const source = 'scene';
  const of = (kind: string): ExpressionSpecification => ['==', ['get', 'kind'], kind];
  const old: ExpressionSpecification = ['case', ['boolean', ['get', 'old'], false], 0.35, 1];
  return [
    { id: 'zone', type: 'fill', source, filter: of('zone'), paint: { 'fill-color': HER, 'fill-opacity': 0.2 } },
    { id: 'zone-edge', type: 'line', source, filter: of('zone'), paint: { 'line-color': c.her, 'line-width': 2 } },
    { id: 'rings', type: 'line', source, filter: of('ring'), paint: { 'line-color': c.label, 'line-width': 1.5, 'line-dasharray': [3, 2] } },
    { id: 'trail', type: 'line', source, filter: of('trail'), paint: { 'line-color': HIM, 'line-width': 3, 'line-opacity': 0.6 } },
    { id: 'errors', type: 'fill', source, filter: of('error'), paint: { 'fill-color': role(HIM, HER), 'fill-opacity': ['*', 0.18, old] } },
    { id: 'error-edges', type: 'line', source, filter: of('error'), paint: { 'line-color': role(HIM, HER), 'line-width': 1, 'line-opacity': old } },
    {
      id: 'courses',
      type: 'symbol',
      source,
      filter: of('course'),
      layout: { 'text-field': '▲', 'text-size': 26, 'text-rotate': ['get', 'course'], 'text-offset': [0, -0.75], 'text-rotation-alignment': 'map', 'text-allow-overlap': true },
      paint: { 'text-color': role(HIM, HER), 'text-halo-color': '#ffffff', 'text-halo-width': 2 },
    },
    {
      id: 'pins',
      type: 'circle',
      source,
      filter: ['all', of('pin'), ['==', ['get', 'role'], 'protected']],
      paint: { 'circle-radius': 9, 'circle-color': HER, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 3, 'circle-opacity': old },
    },
    {
      id: 'diamonds',
      type: 'symbol',
      source,
      filter: ['all', of('pin'), ['==', ['get', 'role'], 'monitored']],
      layout: { 'icon-image': DIAMOND, 'icon-allow-overlap': true, 'icon-ignore-placement': true },
      paint: { 'icon-opacity': old },
    },
    {
      id: 'names',
      type: 'symbol',
      source,
      filter: of('pin'),
      layout: {
        'text-field': role(names.monitored, names.protected),
        'text-size': 15,
        'text-offset': [0, 1.1],
        'text-anchor': 'top',
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': role(c.him, c.her), 'text-halo-color': c.halo, 'text-halo-width': 2, 'text-opacity': old },
    },
  ];
}

/** His shape, drawn twice as large for sharp screens. */
function diamond(): ImageData {
  const size = 64;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d')!;
  const half = size / 2;
  pen.moveTo(half, 6);
  for (const [x, y] of [[size - 6, half], [half, size - 6], [6, half]] as const) pen.lineTo(x, y);
  pen.closePath();
  pen.fillStyle = HIM;
  pen.fill();
  pen.lineWidth = 6;
  pen.lineJoin = 'round';
  pen.strokeStyle = '#ffffff';
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

/** On a narrow map whose data it is stays one touch away; unfolded it would lie over the people. */
function fold(map: Ground): void {
  const shown = map.getContainer().querySelector('.maplibregl-compact-show');
  if (shown === null) void map.once('sourcedata', () => fold(map));
  else shown.classList.remove('maplibregl-compact-show');
}

/** The layers that the installed file says it has; null where there is no file. A file that names none may have any. */
async function held(url: string): Promise<ReadonlySet<string> | 'any' | null> {
  const file = new PMTiles(url);
  try {
    const told = (await file.getMetadata()) as { vector_layers?: { id: string }[] };
    protocol.add(file);
    return told.vector_layers === undefined ? 'any' : new Set(told.vector_layers.map((layer) => layer.id));
  } catch {
    return null;
  }
}

/** The ground without the layers that the file does not have: of each the map would complain. */
function drawable(whole: StyleSpecification, has: ReadonlySet<string> | 'any' | null): StyleSpecification {
  if (has === null || has === 'any') return whole;
  return { ...whole, layers: whole.layers.filter((layer) => !('source-layer' in layer) || has.has(layer['source-layer'] ?? '')) };
}

/** Makes a map in `container`. Fits the view to the people until somebody moves it by hand. */
export async function draw(container: HTMLElement, label: string, names: Names = NAMELESS): Promise<DrawnMap> {
  const colours = matchMedia('(prefers-color-scheme: dark)').matches ? DARK : LIGHT;
  const url = new URL(TILES, location.href).href;
  const has = await held(url);
  const map = new Ground({
    container,
    style: drawable(style(has === null ? null : url, colours), has),
    center: [127.8, 36.4],
    zoom: 6,
    maxZoom: 18,
    locale: { 'AttributionControl.ToggleAttribution': m.map_credits() },
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
  });
  fold(map);
  map.touchZoomRotate.disableRotation();
  map.getCanvas().setAttribute('aria-label', label);
  map.getCanvas().setAttribute('role', 'img');
  // Not 'load', which waits for the ground: the people must not wait for tiles.
  await new Promise<void>((done) => void map.once('style.load', () => done()));
  map.addImage(DIAMOND, diamond(), { pixelRatio: 2 });
  map.addSource('scene', { type: 'geojson', data: EMPTY });
  for (const layer of layers(colours, names)) map.addLayer(layer);

  let byHand = false;
  let box: ReturnType<typeof frame> = null;
  const fit = (): void => {
    if (box !== null && !byHand) map.fitBounds(box, { padding: 56, maxZoom: 17, duration: 0 });
  };
  map.on('dragstart', () => (byHand = true));
  map.on('wheel', () => (byHand = true));
  map.on('resize', fit);
  const source = (): GeoJSONSource | undefined => map.getSource('scene');

  return {
    show(view, elapsedS, maxAgeS) {
      source()?.setData(scene(view, elapsedS, maxAgeS));
      box = frame(view);
      fit();
    },
    wipe() {
      source()?.setData(EMPTY);
      box = null;
      byHand = false;
    },
    remove() {
      map.remove();
    },
  };
}
