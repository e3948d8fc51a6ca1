import { describe, expect, it } from 'vitest';
import { inOrder, isLate, isOpen, type Line } from './model';
import { endOf, fieldOf, lastDay, momentOf, spanOf } from './times';

const HOUR = 3_600_000;
const line = (number: string, dues: Line['dues'], received_ms = 0, status: Line['status'] = 'received'): Line => ({
  court: 'c',
  number,
  form_id: 'f',
  edition: '1',
  title: {},
  time_zone: 'Asia/Seoul',
  status,
  can: [],
  received_ms,
  decided_ms: null,
  told_ms: null,
  wants_interim: true,
  hearing_ms: null,
  dues,
  order_ids: [],
  waiting: null,
});

describe('the inbox', () => {
  it('has the soonest clock first, and what has none last with the newest first', () => {
    const rows = [
      line('none-old', [], 1),
      line('late', [{ clock: 'decision', at_ms: 90 }]),
      line('none-new', [], 2),
      line('soon', [{ clock: 'decision', at_ms: 80 }, { clock: 'interim', at_ms: 10 }]),
    ];
    expect(inOrder(rows).map((one) => one.number)).toEqual(['soon', 'late', 'none-new', 'none-old']);
  });
  it('is late with what the court owes, and never with what a side may ask', () => {
    expect(isLate({ clock: 'interim', at_ms: 10 }, 10)).toBe(true);
    expect(isLate({ clock: 'interim', at_ms: 10 }, 9)).toBe(false);
    expect(isLate({ clock: 'tell', at_ms: 10 }, 10)).toBe(true);
    for (const clock of ['appeal', 'extension'] as const) expect(isLate({ clock, at_ms: 10 }, 99)).toBe(false);
  });
  it('knows what waits for a decision', () => {
    expect((['received', 'interim', 'granted', 'refused', 'withdrawn', 'draft'] as const).map((status) => isOpen(line('x', [], 0, status)))).toEqual([
      true, true, false, false, false, false,
    ]);
  });
});

describe("the court's clock", () => {
  it("is the court's, wherever the browser stands", () => {
    expect(momentOf('2027-05-03T10:00', 'Asia/Seoul')).toBe(Date.UTC(2027, 4, 3, 1));
    expect(fieldOf(Date.UTC(2027, 4, 3, 1), 'Asia/Seoul')).toBe('2027-05-03T10:00');
  });
  it('ends a day with the day, and names the day on which something ended last', () => {
    const end = endOf('2027-05-03', 'Asia/Seoul');
    expect(end).toBe(Date.UTC(2027, 4, 3, 15));
    expect(lastDay(end ?? 0, 'Asia/Seoul')).toBe('2027-05-03');
  });
  it('goes over a change of the clock, and refuses an hour that there is not', () => {
    expect(endOf('2027-03-28', 'Europe/Berlin')).toBe(Date.UTC(2027, 2, 28, 22));
    expect(momentOf('2027-03-28T02:30', 'Europe/Berlin')).toBeNull();
  });
  it('refuses what is no day', () => {
    for (const text of ['', '3.5.2027', '2027-13-01', '2027-05-03T1:00']) {
      expect(endOf(text, 'Asia/Seoul')).toBeNull();
      expect(momentOf(text, 'Asia/Seoul')).toBeNull();
    }
  });
  it('never overstates what is left', () => {
    expect(spanOf(26 * HOUR - 1)).toEqual({ days: 1, hours: 1, minutes: 59 });
    expect(spanOf(-5)).toEqual({ days: 0, hours: 0, minutes: 0 });
  });
});
