/** What stands on the ground: two people, how sure their places are, the rings, his way. Plain GeoJSON, no map library. */
import type { Feature, FeatureCollection, Polygon } from 'geojson';

export interface Side {
  latitude: number;
  longitude: number;
  error_m: number;
  age_s: number;
  course_deg: number | null;
  speed_mps: number | null;
  pin: boolean;
}

export interface Ring {
  name: 'watch' | 'warning' | 'danger';
  radius_m: number;
}

export type Zone =
  | { type: 'circle'; latitude: number; longitude: number; radius_m: number }
  | { type: 'polygon'; corners: [number, number][] };

export interface MapView {
  monitored: Side | null;
  protected: Side | null;
  rings: Ring[];
  zone: Zone | null;
  trail: [number, number, number][];
  valid_s: number;
}

const DEGREE_M = 111_320;
const CORNERS = 72;

/** A disc as a polygon; right to a part in a thousand for the radii drawn here. */
export function disc(latitude: number, longitude: number, radiusM: number): Polygon {
  const high = radiusM / DEGREE_M;
  const wide = high / Math.cos((latitude * Math.PI) / 180);
  const ring = Array.from({ length: CORNERS + 1 }, (_, n) => {
    const angle = (n / CORNERS) * 2 * Math.PI;
    return [longitude + wide * Math.sin(angle), latitude + high * Math.cos(angle)];
  });
  return { type: 'Polygon', coordinates: [ring] };
}

function feature(geometry: Feature['geometry'], properties: Record<string, string | number | boolean>): Feature {
  return { type: 'Feature', geometry, properties };
}

function person(role: 'monitored' | 'protected', side: Side, old: boolean): Feature[] {
  const at = [side.longitude, side.latitude];
  const found = [feature(disc(side.latitude, side.longitude, side.error_m), { kind: 'error', role, old })];
  if (side.pin) {
    found.push(feature({ type: 'Point', coordinates: at }, { kind: 'pin', role, old }));
    if (side.course_deg !== null && !old) found.push(feature({ type: 'Point', coordinates: at }, { kind: 'course', role, course: side.course_deg }));
  }
  return found;
}

function zoneShape(zone: Zone): Polygon {
  if (zone.type === 'circle') return disc(zone.latitude, zone.longitude, Math.max(zone.radius_m, 5));
  const ring = zone.corners.map(([latitude, longitude]) => [longitude, latitude]);
  return { type: 'Polygon', coordinates: [[...ring, ring[0] ?? []]] };
}

/** What the rings lie around: her, or a round place. A ring around a polygon would need its offset curve; its outline says enough. */
function ringed(view: MapView): { latitude: number; longitude: number; radius_m: number } | null {
  if (view.protected !== null) return { ...view.protected, radius_m: 0 };
  return view.zone?.type === 'circle' ? view.zone : null;
}

/** Everything to draw. `elapsedS` is how long ago the view came: positions age on the page's own time. */
export function scene(view: MapView, elapsedS: number, maxAgeS: number): FeatureCollection {
  const features: Feature[] = [];
  const middle = ringed(view);
  if (view.zone !== null) features.push(feature(zoneShape(view.zone), { kind: 'zone' }));
  for (const ring of middle !== null ? view.rings : []) {
    features.push(feature(disc(middle!.latitude, middle!.longitude, middle!.radius_m + ring.radius_m), { kind: 'ring', name: ring.name }));
  }
  if (view.trail.length > 1) {
    features.push(feature({ type: 'LineString', coordinates: view.trail.map(([lat, lon]) => [lon, lat]) }, { kind: 'trail' }));
  }
  for (const role of ['protected', 'monitored'] as const) {
    const side = view[role];
    if (side !== null) features.push(...person(role, side, side.age_s + elapsedS > maxAgeS));
  }
  return { type: 'FeatureCollection', features };
}

/** A person's place; where only a circle is known, its edges, so that it is seen to be one. */
function extent(side: Side): [number, number][] {
  if (side.pin) return [[side.longitude, side.latitude]];
  const around = disc(side.latitude, side.longitude, side.error_m).coordinates[0] ?? [];
  return around.map(([lon, lat]): [number, number] => [lon!, lat!]);
}

/** West, south, east, north of the people (or the place), or null when there is nobody to see. */
export function frame(view: MapView): [number, number, number, number] | null {
  const points: [number, number][] = [];
  for (const side of [view.monitored, view.protected]) if (side !== null) points.push(...extent(side));
  if (view.zone?.type === 'circle') points.push([view.zone.longitude, view.zone.latitude]);
  if (view.zone?.type === 'polygon') points.push(...view.zone.corners.map(([lat, lon]): [number, number] => [lon, lat]));
  if (points.length === 0) return null;
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
