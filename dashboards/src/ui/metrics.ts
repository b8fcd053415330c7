// What suites report of a trial beside the score: numbers by name. Two names mean something to the page, as to the command line
// (common/series.h).
import type { MetricInfo } from '../api/messages';
import { count } from './format';

type Metrics = { [name: string]: number };

const collapsedAt = 'collapsed at'; // how many pictures a run had seen when it collapsed
const collapsed = 'collapsed'; // the share of runs that did
const groupError = 'error/'; // "error/fog": the share of wrong predictions in one group

// "collapsed after 1,280 images"; nothing for a run that did not.
export function collapseWords(metrics: Metrics): string {
  const at = metrics[collapsedAt];
  const share = metrics[collapsed] ?? 1;
  return at === undefined ? '' : `collapsed ${share < 1 ? `in ${Math.round(100 * share)}% of runs ` : ''}after ${count(Math.round(at))} images`;
}

// By group, in the order of their names.
export function groupErrors(metrics: Metrics): [string, number][] {
  return Object.entries(metrics).filter(([name]) => name.startsWith(groupError))
    .map(([name, value]): [string, number] => [name.slice(groupError.length), value]).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}

// The others: first those that the suite describes, in its order, then by name.
export function otherMetrics(names: Iterable<string>, described: MetricInfo[]): MetricInfo[] {
  const there = new Set([...names].filter((name) => name !== collapsedAt && name !== collapsed && !name.startsWith(groupError)));
  const known = described.filter((info) => there.has(info.name));
  const rest = [...there].filter((name) => !known.some((info) => info.name === name)).sort();
  return [...known, ...rest.map((name) => ({ name, meaning: '', column: false }))];
}
