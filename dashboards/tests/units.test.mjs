// What the page computes by itself, without a browser: numbers as text, labels, orders, copies, the Pareto front.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src');

// A TypeScript module of the page, as Node can run it.
async function load(name) {
  const { outputFiles } = await build({ entryPoints: [path.join(source, name)], bundle: true, format: 'esm', write: false, jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'silent' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

test('the proto JSON mapping becomes numbers, in one place', async () => {
  const { decode } = await load('api/json.ts');
  const board = decode('Leaderboard', {
    suite: '12', rows: [{ samples: '120', score: 'NaN', seeds: ['18446744073709551615'], trialIds: ['3', '4'], scoreInterval: { low: '-Infinity', high: 0.5 }, metrics: { ndcg: 'NaN', hits: 3 },
      method: { id: '7', params: { n: { integer: '9007199254740991' }, t: { real: 1 } } } }],
  });
  const [row] = board.rows;
  assert.equal(board.suite, '12', 'text stays text');
  assert.equal(row.samples, 120);
  assert.ok(Number.isNaN(row.score));
  assert.deepEqual(row.trialIds, [3, 4]);
  assert.deepEqual(row.seeds, ['18446744073709551615'], 'a seed has 64 bits, a number 53');
  assert.equal(row.scoreInterval.low, -Infinity);
  assert.ok(Number.isNaN(row.metrics.ndcg));
  assert.equal(row.method.id, '7');
  assert.equal(row.method.params.n.integer, 9007199254740991);
});

test('numbers are written as the command line writes them', async () => {
  const format = await load('ui/format.ts');
  assert.equal(format.count(1234567), '1,234,567');
  assert.equal(format.fixed(NaN, 2), '–');
  assert.equal(format.score('accuracy', 0.4166), '41.7');
  assert.equal(format.score('nDCG@10', 0.4166), '0.417');
  assert.equal(format.signed(-14.23, 1), '−14.2');
  assert.equal(format.signed(0.02, 1), '0.0', 'no sign before a zero');
  assert.equal(format.short(1e-7), '1.0e-7');
  assert.equal(format.short(12345.6), '12,346');
  assert.equal(format.timeSpan(80), '1 min 20 s');
  assert.equal(format.timeSpan(7500), '2 h 5 min');
  assert.equal(format.bytes(4177120), '4.2 MB');
});

test('values are canonical', async () => {
  const { canonicalValue, methodKey } = await load('ui/method_label.ts');
  // As std::to_chars writes them: the shorter of plain and scientific.
  for (const [real, text] of [[1, '1.0'], [0.4, '0.4'], [2e-4, '2e-04'], [0.001, '0.001'], [1e20, '1e+20'], [123456, '123456.0'], [-0.5, '-0.5']]) {
    assert.equal(canonicalValue({ real }), text);
  }
  assert.equal(canonicalValue({ integer: 3 }), '3');
  assert.equal(canonicalValue({ boolean: false }), 'false');
  assert.equal(methodKey({ id: 'eta', version: '1', params: { temperature: { real: 1 }, epsilon: { real: 3e-4 } } }), 'eta{epsilon=3e-04, temperature=1.0}');
  assert.equal(methodKey({ id: 'greedy', version: '1', params: {} }), 'greedy');
});

test('parameters at their default everywhere are left out', async () => {
  const { labeller, labelText } = await load('ui/method_label.ts');
  const info = [{ id: 'top-h', version: '1', parameters: [{ name: 'alpha', defaultValue: { real: 0.4 } }, { name: 'top_n', defaultValue: { integer: 100 } }] }];
  const rows = [{ id: 'top-h', version: '1', params: { alpha: { real: 0.4 }, top_n: { integer: 100 } } }, { id: 'top-h', version: '1', params: { alpha: { real: 0.5 }, top_n: { integer: 100 } } }];
  const label = labeller(info, rows);
  assert.deepEqual(rows.map((row) => labelText(label(row))), ['top-h alpha=0.4', 'top-h alpha=0.5']);
  assert.equal(labelText(labeller(info, [rows[0]])(rows[0])), 'top-h');
  assert.equal(labelText(labeller(info, [{ ...rows[0], version: '2' }])(rows[0])), 'top-h alpha=0.4, top_n=100', 'another version has other defaults');
});

test('a sort keeps what has no number at the end', async () => {
  const { sorted, parseSort, sortText } = await load('ui/table.tsx');
  const columns = [{ key: 'x', value: (row) => row }, { key: 'name', value: (row) => `m${row}` }];
  assert.deepEqual(sorted([2, NaN, 1, 3], columns, { key: 'x', down: true }), [3, 2, 1, NaN]);
  assert.deepEqual(sorted([2, NaN, 1, 3], columns, { key: 'x', down: false }), [1, 2, 3, NaN]);
  assert.deepEqual(sorted([10, 9], columns, { key: 'name', down: false }), [9, 10], 'digits count as numbers');
  assert.deepEqual(sorted([2, 1], columns, { key: 'nothing', down: true }), [2, 1]);
  assert.deepEqual(parseSort(sortText({ key: 'x', down: true })), { key: 'x', down: true });
});

test('copies cannot become formulas or markup', async () => {
  const { csv, markdownTable } = await load('ui/clipboard.ts');
  assert.equal(csv([['=1+1', '-0.5', '-x', 'a,"b"', 'two\nlines']]), `'=1+1,-0.5,'-x,"a,""b""","two\nlines"\n`);
  assert.equal(markdownTable(['#', 'method'], [true, false], [['1', 'a|b <i>*x*\n[l](u)']]), '| # | method |\n| ---: | --- |\n| 1 | a\\|b \\<i>\\*x\\* \\[l](u) |\n');
});

test('the Pareto front is what nothing beats at its price', async () => {
  const { paretoFront } = await load('pages/leaderboard/rows.ts');
  const rows = [[50, 0.5], [40, 0.4], [60, 0.5], [45, 0.3], [90, 0.7], [40, 0.2], [NaN, 0.9]].map(([cost, score]) => ({ cost, score }));
  assert.deepEqual(paretoFront(rows, (row) => row.cost).map((row) => row.cost), [40, 50, 90]);
});

test('metrics are those of the suite first; errors of groups and collapses stand apart', async () => {
  const { collapseWords, groupErrors, otherMetrics } = await load('ui/metrics.ts');
  const metrics = { zeta: 1, 'collapsed at': 1280, 'error/jpeg': 0.5, 'error/fog': 0.25, ECE: 0.1, gain: 0.2 };
  assert.equal(collapseWords(metrics), 'collapsed after 1,280 images');
  assert.equal(collapseWords({ gain: 1 }), '');
  assert.deepEqual(groupErrors(metrics), [['fog', 0.25], ['jpeg', 0.5]]);
  const described = [{ name: 'gain', meaning: 'over source', column: true }, { name: 'nobody has it', meaning: '', column: true }];
  assert.deepEqual(otherMetrics(Object.keys(metrics), described).map((info) => info.name), ['gain', 'ECE', 'zeta']);
  const { measuresOf } = await load('pages/leaderboard/rows.ts');
  const row = { metrics, tokensPerProblem: 0, passAtK: [], majorityAtK: [] };
  const { shown, more } = measuresOf([row], true, described);
  assert.deepEqual(shown.map((measure) => measure.title), ['gain', 's', 'nats'], 'no column of tokens where there are none');
  assert.equal(shown[0].help, 'over source');
  assert.deepEqual(more.map((measure) => measure.title), ['ECE', 'zeta']);
  assert.equal(measuresOf([{ ...row, tokensPerProblem: 5 }], true, []).shown[0].key, 'tokens');
});

test('filters hold together', async () => {
  const { matches } = await load('pages/leaderboard/rows.ts');
  const row = { method: { id: 'top-h', params: { alpha: { real: 0.4 } } }, family: 'reasoning', model: 'm', sweeps: ['s'], finishedAt: '2026-11-22T09:00:00Z' };
  const all = { text: '', family: '', model: '', sweep: '', since: '' };
  assert.ok(matches(row, all));
  assert.ok(matches(row, { ...all, text: 'ALPHA=0.4', since: '2026-11-22' }));
  for (const no of [{ text: 'beta' }, { family: 'retrieval' }, { model: 'n' }, { sweep: 't' }, { since: '2026-11-23' }]) assert.ok(!matches(row, { ...all, ...no }), JSON.stringify(no));
});

test('a scale covers every interval and is never a point', async () => {
  const { scaleFor } = await load('ui/interval.tsx');
  const scale = scaleFor([{ value: 0.5, interval: { low: 0.4, high: 0.6 } }, { value: 0.9 }]);
  assert.ok(scale.low < 0.4 && scale.high > 0.9);
  const point = scaleFor([{ value: 0.5, interval: { low: 0.5, high: 0.5 } }]);
  assert.ok(point.high - point.low >= 0.04);
  assert.deepEqual(scaleFor([]), { low: 0, high: 1 });
});
