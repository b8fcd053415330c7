// What the leaderboard page computes from the rows: which are compared with each other, filters, the Pareto front.
import type { LeaderboardRow, MetricInfo } from '../../api/messages';
import { otherMetrics } from '../../ui/metrics';
import { methodKey } from '../../ui/method_label';

// Rows of one block ran on the same model, data and options: only they share a ranking.
export function blockOf(row: LeaderboardRow): string {
  return [row.modelDigest || row.model, row.suiteDigest, row.suiteOptions].join('\n');
}

export function blockTitle(row: LeaderboardRow): string {
  return [row.model, row.suiteOptions].filter((text) => text !== '').join(' · ');
}

// Names a row whatever its place; the trials behind it may change when a cell is run again.
export function rowId(row: LeaderboardRow): string {
  return [methodKey(row.method), row.method.version, row.model, row.suiteOptions, row.deterministic ? 'deterministic' : ''].join(' | ');
}

export interface Filter {
  text: string; // in the method and its parameters
  family: string;
  model: string;
  sweep: string;
  since: string; // "2026-11-01"
}

export function matches(row: LeaderboardRow, filter: Filter): boolean {
  return (filter.text === '' || methodKey(row.method).toLowerCase().includes(filter.text.toLowerCase())) &&
         (filter.family === '' || row.family === filter.family) &&
         (filter.model === '' || row.model === filter.model) &&
         (filter.sweep === '' || row.sweeps.includes(filter.sweep)) &&
         (filter.since === '' || row.finishedAt === '' || row.finishedAt.slice(0, 10) >= filter.since);
}

// A number of a row by which it can be looked at beside its score.
export interface Measure {
  key: string;
  title: string;
  help: string;
  value: (row: LeaderboardRow) => number; // NaN where the row has none
  digits: number;
}

const tokens: Measure = { key: 'tokens', title: 'tokens', help: 'generated tokens for each problem, over all branches', value: (row) => row.tokensPerProblem, digits: 1 };
const seconds: Measure = { key: 'seconds', title: 's', help: 'compute seconds for each problem', value: (row) => row.secondsPerProblem, digits: 3 };
const entropy: Measure = { key: 'nats', title: 'nats', help: 'mean entropy of a token under the model itself, in nats', value: (row) => row.entropyPerToken, digits: 3 };

// What these rows have beside the score: always shown are costs, entropy and what the suite says is worth a column; the others are
// what else suite or methods report, uncertainty, k samples at a time.
export function measuresOf(rows: LeaderboardRow[], percent: boolean, described: MetricInfo[]): { shown: Measure[]; more: Measure[] } {
  const metrics = otherMetrics(rows.flatMap((row) => Object.keys(row.metrics)), described);
  const measureOf = ({ name, meaning }: MetricInfo): Measure => ({
    key: `metric ${name}`, title: name.replaceAll('_', ' '), help: meaning || `mean of ${name} over the samples`,
    value: (row) => row.metrics[name] ?? NaN, digits: 3,
  });
  const shown = [...metrics.filter((info) => info.column).map(measureOf), ...(rows.some((row) => row.tokensPerProblem > 0) ? [tokens] : []), seconds, entropy];
  const more: Measure[] = metrics.filter((info) => !info.column).map(measureOf);
  if (rows.some((row) => row.uncertainty)) {
    more.push(
      { key: 'auroc', title: 'AUROC', help: 'how well the method’s uncertainty separates wrong answers from right ones: 1 is perfect, 0.5 is chance', value: (row) => row.uncertainty?.auroc ?? NaN, digits: 3 },
      { key: 'prr', title: 'PRR', help: 'prediction-rejection ratio: 1 is a perfect order of answers by uncertainty, 0 a random one', value: (row) => row.uncertainty?.prr ?? NaN, digits: 3 },
      { key: 'ece', title: 'ECE', help: 'expected calibration error, after calibration on the held-out half', value: (row) => row.uncertainty?.ece ?? NaN, digits: 3 },
      { key: 'brier', title: 'Brier', help: 'Brier score, after the same calibration', value: (row) => row.uncertainty?.brier ?? NaN, digits: 3 },
    );
  }
  for (const [field, name] of [['passAtK', 'pass'], ['majorityAtK', 'maj']] as const) {
    const ks = [...new Set(rows.flatMap((row) => row[field].map((entry) => entry.k)))].sort((a, b) => a - b);
    for (const k of ks) {
      more.push({ key: `${name}@${k}`, title: `${name}@${k}${percent ? ' %' : ''}`, digits: percent ? 1 : 3,
        help: name === 'pass' ? `some of ${k} samples is right` : `the most frequent answer of ${k} samples is right`,
        value: (row) => (percent ? 100 : 1) * (row[field].find((entry) => entry.k === k)?.value ?? NaN) });
    }
  }
  return { shown, more };
}

// Rows that no other row beats in both: at most this cost, at least this score. Cheapest first.
export function paretoFront(rows: LeaderboardRow[], cost: (row: LeaderboardRow) => number): LeaderboardRow[] {
  const byCost = rows.filter((row) => Number.isFinite(cost(row))).sort((a, b) => cost(a) - cost(b) || b.score - a.score);
  const front: LeaderboardRow[] = [];
  for (const row of byCost) {
    const best = front.at(-1);
    if (!best || row.score > best.score) front.push(row);
  }
  return front;
}
