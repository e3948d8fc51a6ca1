/** Everything about one incident in one order of time: what the core said, what devices reported, what people and clocks did. */
import type { Moment } from './model';
import type { Notice, Whole } from './incidents';

type HistoryEntry = Whole['entries'][number];

export type Line =
  | { at_ms: number; what: 'entry'; entry: HistoryEntry }
  | { at_ms: number; what: 'moment'; moment: Moment }
  | { at_ms: number; what: 'notice'; notice: Notice }
  | { at_ms: number; what: 'receipt'; notice: Notice; step: Notice['receipts'][number]['step'] }
  | { at_ms: number; what: 'reports'; count: number; until_ms: number };

/** At the same millisecond what the core said stands before what followed from it. */
const FIRST: Record<Line['what'], number> = { reports: 0, moment: 1, entry: 2, notice: 3, receipt: 4 };

export function timeline(whole: Whole, untilMs = Infinity): Line[] {
  const lines: Line[] = [
    ...whole.entries.map((entry) => ({ at_ms: entry.at_ms, what: 'entry', entry }) as const),
    ...whole.moments.map((moment) => ({ at_ms: moment.at_ms, what: 'moment', moment }) as const),
    ...whole.notices.map((notice) => ({ at_ms: notice.made_ms, what: 'notice', notice }) as const),
    ...whole.notices.flatMap((notice) => notice.receipts.map(({ step, at_ms }) => ({ at_ms, what: 'receipt', notice, step }) as const)),
    ...whole.reports.map((at_ms) => ({ at_ms, what: 'reports', count: 1, until_ms: at_ms }) as const),
  ];
  const told = lines.filter((line) => line.at_ms <= untilMs);
  // Entries keep their own sequence: a clock that rang late writes as of when it was due.
  told.sort((a, b) => a.at_ms - b.at_ms || FIRST[a.what] - FIRST[b.what]);
  return told.reduce<Line[]>((kept, line) => {
    const last = kept.at(-1);
    if (line.what === 'reports' && last?.what === 'reports') kept[kept.length - 1] = { ...last, count: last.count + 1, until_ms: line.at_ms };
    else kept.push(line);
    return kept;
  }, []);
}
