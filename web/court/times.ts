/** Days and hours of the court's own zone: what a judge types is the court's time, wherever the browser stands. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function wall(ms: number, zone: string): Wall {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(ms);
  const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return { year: number('year'), month: number('month'), day: number('day'), hour: number('hour'), minute: number('minute') };
}

const asUtc = (at: Wall): number => Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute);
const two = (number: number): string => String(number).padStart(2, '0');

/** The moment of `2027-05-03T10:00` on the court's clock, or null where that is none. */
export function momentOf(text: string, zone: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  // Twice: the first guess may lie on the other side of a change of the clock.
  let guess = wanted;
  for (let turn = 0; turn < 2; turn += 1) guess += wanted - asUtc(wall(guess, zone));
  return asUtc(wall(guess, zone)) === wanted ? guess : null;
}

/** The end of a day, which is the first moment of the next one: how long something holds whose last day is `2027-05-03`. */
export function endOf(day: string, zone: string): number | null {
  const begins = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(begins)) return null;
  return momentOf(`${new Date(begins + DAY_MS).toISOString().slice(0, 10)}T00:00`, zone);
}

/** The last day on which something holds that ends (exclusive) at a moment: `2027-05-03`. */
export function lastDay(untilMs: number, zone: string): string {
  const at = wall(untilMs - 1, zone);
  return `${at.year}-${two(at.month)}-${two(at.day)}`;
}

/** A moment as a field takes it: `2027-05-03T10:00` on the court's clock. */
export function fieldOf(ms: number, zone: string): string {
  const at = wall(ms, zone);
  return `${at.year}-${two(at.month)}-${two(at.day)}T${two(at.hour)}:${two(at.minute)}`;
}

export interface Span {
  days: number;
  hours: number;
  minutes: number;
}

/** A span in whole days, hours and minutes, downwards: what is left is never overstated. */
export function spanOf(ms: number): Span {
  const whole = Math.max(0, ms);
  return { days: Math.floor(whole / DAY_MS), hours: Math.floor((whole % DAY_MS) / HOUR_MS), minutes: Math.floor((whole % HOUR_MS) / 60_000) };
}
