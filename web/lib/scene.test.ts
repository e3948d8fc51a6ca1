import { describe, expect, it } from 'vitest';
import { disc, frame, scene, type MapView, type Side } from './scene';

const side = (more: Partial<Side> = {}): Side => ({
  latitude: 37.5,
  longitude: 127,
  error_m: 12,
  age_s: 5,
  course_deg: 90,
  speed_mps: 1.4,
  pin: true,
  ...more,
});
const view = (more: Partial<MapView> = {}): MapView => ({
  monitored: side(),
  protected: side({ latitude: 37.505 }),
  rings: [{ name: 'danger', radius_m: 100 }],
  zone: null,
  trail: [],
  valid_s: 30,
  ...more,
});
const kinds = (v: MapView, elapsedS = 0): unknown[] => scene(v, elapsedS, 60).features.map((f) => `${f.properties?.['role'] ?? ''}${f.properties?.['kind']}`);

describe('what stands on the map', () => {
  it('is both people, how sure their places are, and the rings around her', () => {
    expect(kinds(view())).toEqual(['ring', 'protectederror', 'protectedpin', 'protectedcourse', 'monitorederror', 'monitoredpin', 'monitoredcourse']);
  });

  it('is never a pin for a vague place', () => {
    expect(kinds(view({ monitored: side({ pin: false, error_m: 2000 }) }))).not.toContain('monitoredpin');
  });

  it('grows old on the page’s own time, and an old place has no course', () => {
    const aged = scene(view(), 56, 60).features.filter((f) => f.properties?.['role'] === 'monitored');
    expect(aged.map((f) => f.properties?.['old'])).toEqual([true, true]);
  });

  it('draws a ring as wide as it is', () => {
    const north = disc(37.5, 127, 1000).coordinates[0]![0]!;
    expect((north[1]! - 37.5) * 111_320).toBeCloseTo(1000, 0);
  });

  it('draws rings around a round place from its edge', () => {
    const zone = { type: 'circle' as const, latitude: 37.5, longitude: 127, radius_m: 50 };
    const ring = scene(view({ protected: null, zone }), 0, 60).features.find((f) => f.properties?.['kind'] === 'ring');
    expect(ring?.geometry).toEqual(disc(37.5, 127, 150));
  });

  it('frames a circle whole where only a circle is known', () => {
    const [west, south, east, north] = frame(view({ protected: null, monitored: side({ pin: false, error_m: 1000 }) }))!;
    expect((north - south) * 111_320).toBeCloseTo(2000, 0);
    expect(east - west).toBeGreaterThan(north - south);
  });

  it('frames the people, or the place', () => {
    expect(frame(view())).toEqual([127, 37.5, 127, 37.505]);
    expect(frame(view({ monitored: null, protected: null }))).toBeNull();
    expect(frame(view({ monitored: null, protected: null, zone: { type: 'circle', latitude: 1, longitude: 2, radius_m: 5 } }))).toEqual([2, 1, 2, 1]);
  });
});
