// Which method is better, how sure that is, and what it cost.
import { useEffect, useMemo, useState } from 'preact/hooks';

import { call } from '../../api/client';
import { onChange } from '../../api/live';
import type { LeaderboardRow } from '../../api/messages';
import { useRpc } from '../../api/use_rpc';
import { go, pathTo, setQuery, withQuery, type Place } from '../../router';
import { csv, download, markdownTable } from '../../ui/clipboard';
import { count, countOf, fixed, inPercent, none, score, scoreTitle, short, signed } from '../../ui/format';
import { IntervalMark, scaleFor } from '../../ui/interval';
import { collapseWords } from '../../ui/metrics';
import { canonicalParams, labeller, labelText } from '../../ui/method_label';
import { Command, CopyButton, Empty, Select, Stale, Title, Waiting } from '../../ui/parts';
import { parseSort, sorted, sortText, Table, type Column } from '../../ui/table';
import { ErrorMatrix } from './error_matrix';
import { ParetoChart } from './pareto_chart';
import { RowPanel } from './row_panel';
import { blockOf, blockTitle, matches, measuresOf, rowId, type Filter, type Measure } from './rows';

export function LeaderboardPage({ place }: { place: Place }) {
  const suites = useRpc('ListSuites', {}, (change) => change.catalogue === true);
  const sweeps = useRpc('ListSweeps', place.path[1] === undefined ? {} : null, (change) => (change.sweeps?.length ?? 0) > 0);
  const chosen = place.path[1] ?? '';
  const ids = suites.data?.suites.map((suite) => suite.id) ?? [];
  if (chosen !== '') return <Board key={chosen} suite={chosen} suites={ids} place={place} />;
  if (!suites.data) return <Waiting answer={suites} what="the suites" />;
  return <SuiteChoice suites={ids} ran={sweeps.data?.sweeps.length} />;
}

// Without a suite in the address: the first that has results.
function SuiteChoice({ suites, ran }: { suites: string[]; ran: number | undefined }) {
  const [waiting, setWaiting] = useState(true);
  const [round, setRound] = useState(0);
  useEffect(() => onChange((change) => {
    if (change.everything || (change.suites?.length ?? 0) > 0) setRound((old) => old + 1);
  }), []);
  useEffect(() => {
    let gone = false;
    const look = async () => {
      for (const suite of suites) {
        const board = await call('GetLeaderboard', { suite }).catch(() => undefined);
        if (gone) return;
        if (board && board.rows.length > 0) {
          go(pathTo('leaderboard', suite), { replace: true });
          return;
        }
      }
      setWaiting(false);
    };
    void look();
    return () => {
      gone = true;
    };
  }, [round, suites.join()]);
  if (waiting) return <p class="waiting" role="status">Loading the leaderboards…</p>;
  return (
    <>
      <Title>Leaderboard</Title>
      {ran ? (
        <Empty title="No results yet: a sweep has been submitted, and its first samples will show here by themselves.">
          <p><a href="/sweeps">See how far it is</a>, or what runs with <Command text="entrobench watch" /></p>
        </Empty>
      ) : (
        <Empty title="Nothing has been run yet.">
          <p>A sweep compares methods on a benchmark. The example takes a minute and needs no network:</p>
          <p><Command text="entrobench submit examples/demo.yaml --wait" /></p>
          <p>Or look first at what there is: <Command text="entrobench methods" /> <Command text="entrobench suites" /></p>
        </Empty>
      )}
    </>
  );
}

function Board({ suite, suites, place }: { suite: string; suites: string[]; place: Place }) {
  const board = useRpc('GetLeaderboard', { suite }, (change) => change.suites?.includes(suite) ?? false);
  const methods = useRpc('ListMethods', {}, (change) => change.catalogue === true);
  const { query } = place;
  const filter: Filter = {
    text: query.get('find') ?? '', family: query.get('family') ?? '', model: query.get('model') ?? '',
    sweep: query.get('sweep') ?? '', since: query.get('since') ?? '',
  };
  const all = board.data?.rows ?? [];
  const metric = board.data?.primaryMetric ?? 'accuracy';
  const sort = parseSort(query.get('sort'));
  const shownColumns = (query.get('columns') ?? '').split(',').filter(Boolean);

  const label = useMemo(() => labeller(methods.data?.methods ?? [], all.map((row) => row.method)), [methods.data, board.data]);
  const measures = useMemo(() => measuresOf(all, inPercent(metric), board.data?.metrics ?? []), [board.data]);
  const rows = all.filter((row) => matches(row, filter));
  const pinned = all.find((row) => rowId(row) === query.get('pin'));
  const opened = all.find((row) => rowId(row) === query.get('row'));
  const scale = useMemo(() => scaleFor(rows.map((row) => ({ value: row.score, interval: row.scoreInterval }))), [board.data, JSON.stringify(filter)]);

  // What no row in view has would only take the room of what they have.
  const hasNumbers = (measure: Measure) => rows.some((row) => Number.isFinite(measure.value(row)));
  const columns = columnsFor({
    metric, label, scale, pinned, measures: [...measures.shown.filter(hasNumbers), ...measures.more.filter((measure) => shownColumns.includes(measure.key))],
    anyErrors: all.some((row) => row.errors > 0), severalDeterminisms: new Set(all.map((row) => row.deterministic)).size > 1,
  });
  // Ranks hold within a block, so a sort does too.
  const blocks = [...new Set(rows.map(blockOf))];
  const ordered = blocks.flatMap((block) => sorted(rows.filter((row) => blockOf(row) === block), columns, sort));

  if (!board.data) {
    return (
      <>
        <Title actions={<SuiteSelect suite={suite} suites={suites} />}>Leaderboard</Title>
        <Waiting answer={board} what={`the leaderboard of ${suite}`} />
      </>
    );
  }
  const models = distinct(all.map((row) => row.model));
  const facts = [
    models.length === 1 && models[0],
    all.length > 0 && problemsText(all),
    all.length > 0 && countOf(new Set(all.flatMap((row) => row.seeds)).size, 'seed'),
    all.length > 0 && (rows.length === all.length ? countOf(all.length, 'row') : `${rows.length} of ${countOf(all.length, 'row')}`),
  ];
  const copyColumns = columns.filter((column) => column.text);
  return (
    <>
      <Title facts={facts} actions={<SuiteSelect suite={suite} suites={suites} />}>{suite}</Title>
      <Stale answer={board} />
      {board.data.note && <p class="note" role="note">{board.data.note}</p>}
      {all.length === 0 ? (
        <Empty title={`No results on ${suite} yet.`}>
          <p>Name it in a sweep: <code>suite: {suite}</code>, then <Command text="entrobench submit sweep.yaml --wait" /></p>
        </Empty>
      ) : (
        <>
          <Filters filter={filter} all={all} />
          <div class="toolbar">
            <ColumnChoice more={measures.more} shown={shownColumns} />
            <span class="grow" />
            <CopyButton label="Copy markdown" what="the table as markdown" text={() =>
              `### ${[suite, ...facts.filter(Boolean)].join(' · ')}\n\n${markdownTable(copyColumns.map((column) => column.textTitle ?? column.title), copyColumns.map((column) => column.right ?? false),
                ordered.map((row) => copyColumns.map((column) => column.text!(row))))}`} />
            <CopyButton label="Copy CSV" what="the table as CSV" text={() => boardCsv(ordered, metric)} />
            <button type="button" class="small" onClick={() => download(`leaderboard-${suite}.csv`, boardCsv(ordered, metric), 'text/csv')}>Save CSV</button>
          </div>
          {pinned && (
            <p class="pinned">
              Differences are from <strong>{labelText(label(pinned.method))}</strong>{models.length > 1 ? ` on ${pinned.model}` : ''}, in {inPercent(metric) ? 'points' : metric}, unpaired; <em>compare</em> in a
              row’s details tests them on the same problems. <button type="button" class="small" onClick={() => setQuery({ pin: '' })}>Unpin</button>
            </p>
          )}
          {ordered.length === 0 ? <Empty title="No row matches the filters."><p><button type="button" onClick={() => setQuery({ find: '', family: '', model: '', sweep: '', since: '' })}>Clear them</button></p></Empty> : (
            <Table label={`Leaderboard of ${suite}`} columns={columns} rows={ordered} rowKey={rowId} sort={sort}
              onSort={(next) => setQuery({ sort: sortText(next) })}
              onOpen={(row) => setQuery({ row: rowId(row) })}
              rowClass={(row) => `${sort === null && row.group % 2 === 1 ? 'band' : ''} ${row === pinned ? 'is-pinned' : ''}`}
              heading={(row, previous) => (blocks.length > 1 && (!previous || blockOf(row) !== blockOf(previous)) ? blockTitle(row) : null)} />
          )}
          <p class="legend">{legend(all)}</p>
          <ErrorMatrix rows={ordered} label={label} />
          <ParetoChart rows={rows} label={label} metric={metric} measures={[...costsFirst(measures.shown), ...measures.more]} chosen={query.get('cost') ?? 'tokens'} pinned={pinned} />
        </>
      )}
      {opened && <RowPanel row={opened} metric={metric} label={label} pinned={pinned} onClose={() => setQuery({ row: '' })} onPin={() => setQuery({ pin: rowId(opened), row: '' })} />}
    </>
  );
}

function SuiteSelect({ suite, suites }: { suite: string; suites: string[] }) {
  const options = distinct([suite, ...suites]).sort().map((value) => ({ value, text: value }));
  return <Select label="Suite" value={suite} options={options} onChange={(value) => go(pathTo('leaderboard', value))} />;
}

function Filters({ filter, all }: { filter: Filter; all: LeaderboardRow[] }) {
  const choice = (name: 'family' | 'model' | 'sweep', label: string, any: string, values: string[]) =>
    distinct(values).length > 1 || filter[name] !== '' ? (
      <Select label={label} value={filter[name]} onChange={(value) => setQuery({ [name]: value })}
        options={[{ value: '', text: any }, ...distinct([...values, filter[name]].filter(Boolean)).sort().map((value) => ({ value, text: value }))]} />
    ) : null;
  return (
    <div class="filters" role="search" aria-label="Filter rows">
      <label class="field grow">
        <span>Method</span>
        <input type="search" id="find" placeholder="name or parameter   ( / )" value={filter.text} onInput={(event) => setQuery({ find: event.currentTarget.value })} />
      </label>
      {choice('family', 'Family', 'all families', all.map((row) => row.family).filter(Boolean))}
      {choice('model', 'Model', 'all models', all.map((row) => row.model))}
      {choice('sweep', 'Sweep', 'all sweeps', all.flatMap((row) => row.sweeps))}
      <label class="field">
        <span>Since</span>
        <input type="date" value={filter.since} onChange={(event) => setQuery({ since: event.currentTarget.value })} />
      </label>
    </div>
  );
}

function ColumnChoice({ more, shown }: { more: { key: string; title: string; help: string }[]; shown: string[] }) {
  if (more.length === 0) return null;
  return (
    <details class="menu">
      <summary>Columns</summary>
      <div class="menu-body">
        {more.map((measure) => (
          <label key={measure.key} title={measure.help}>
            <input type="checkbox" checked={shown.includes(measure.key)} onChange={(event) =>
              setQuery({ columns: (event.currentTarget.checked ? [...shown, measure.key] : shown.filter((key) => key !== measure.key)).join(',') })} />
            {measure.title}
          </label>
        ))}
      </div>
    </details>
  );
}

interface ColumnOptions {
  metric: string;
  label: ReturnType<typeof labeller>;
  scale: ReturnType<typeof scaleFor>;
  pinned: LeaderboardRow | undefined;
  measures: Measure[];
  anyErrors: boolean;
  severalDeterminisms: boolean;
}

// A measure's column holds its title, on two lines where it has several words; in rem.
const usualWidth = 5.2;
function widthOf(measure: Measure): number {
  const words = measure.title.split(' ');
  const line = Math.max(...words.map((word) => word.length), words.length > 1 ? Math.ceil(measure.title.length / 2) + 1 : 0);
  return Math.max(usualWidth, 1.2 + 0.46 * line);
}

// Three decimals, so that a column's numbers stand below each other; counts as they are.
function metricText(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? short(value) : fixed(value, 3);
}

function columnsFor({ metric, label, scale, pinned, measures, anyErrors, severalDeterminisms }: ColumnOptions): Column<LeaderboardRow>[] {
  const interval = (row: LeaderboardRow) => (row.scoreInterval ? `${score(metric, row.scoreInterval.low)}–${score(metric, row.scoreInterval.high)}` : none);
  const unfinished = (row: LeaderboardRow) => row.samples < row.samplesWanted;
  const delta = (row: LeaderboardRow) => (pinned && blockOf(row) === blockOf(pinned) ? row.score - pinned.score : NaN);
  const deltaText = (row: LeaderboardRow) => (row === pinned ? 'pinned' : inPercent(metric) ? signed(100 * delta(row), 1) : signed(delta(row), 3));
  const notes = (row: LeaderboardRow) => [row.approximation && 'approximated', severalDeterminisms && row.deterministic && 'deterministic'].filter(Boolean).join(', ');
  const name = (row: LeaderboardRow) => {
    const remarks = [collapseWords(row.metrics), notes(row)].filter(Boolean).join(', ');
    return [labelText(label(row.method)), remarks && `(${remarks})`].filter(Boolean).join(' ');
  };
  // The method keeps its room: what is added takes it from the drawing.
  const room = measures.reduce((sum, measure) => sum + widthOf(measure), 0);
  const added = (room - 3 * usualWidth) / usualWidth + (pinned ? 1 : 0) + (anyErrors ? 1 : 0);
  const columns: Column<LeaderboardRow>[] = [
    { key: 'group', title: '#', help: 'rank; the data cannot tell methods of the same number apart', right: true, width: '2.6rem', value: (row) => -row.group,
      cell: (row) => <span class="rank">{row.group || ''}</span>, text: (row) => (row.group ? String(row.group) : '') },
    { key: 'method', title: 'method', value: name, text: name,
      cell: (row) => (
        <span class="method" title={name(row)}>
          <a href={pathTo('methods', row.method.id)}>{row.method.id}</a>
          {collapseWords(row.metrics) && <> <span class="chip failed" title={`This run ${collapseWords(row.metrics)}`}>collapsed</span></>} <span class="params">{label(row.method).params}</span>
          {notes(row) && <span class="tag" title={row.approximation}>{notes(row)}</span>}
        </span>
      ) },
    { key: 'score', title: scoreTitle(metric), help: `mean ${metric} over problems and seeds`, right: true, width: '6.6rem', value: (row) => row.score,
      cell: (row) => <strong class={row.group === 1 ? 'best' : ''} data-field="score">{score(metric, row.score)}</strong>, text: (row) => score(metric, row.score) },
    { key: 'interval', title: '95% interval', help: '95% confidence interval of the score', width: `${Math.max(8, 20 - 4 * added)}%`, value: (row) => row.scoreInterval?.low ?? NaN,
      cell: (row) => <IntervalMark value={row.score} interval={row.scoreInterval} scale={scale} reference={pinned?.score} text={`${score(metric, row.score)}, 95% interval ${interval(row)}`} /> },
    { key: 'range', title: '', wide: true, width: '6.2rem', cell: (row) => <span class="muted" title={row.intervalKind} data-field="interval">{interval(row)}</span>, text: interval, textTitle: '95% interval' },
  ];
  if (pinned) columns.push({ key: 'delta', title: 'Δ', help: 'score minus the pinned row’s', right: true, width: '4.4rem', value: delta, text: deltaText,
    cell: (row) => <span class={delta(row) > 0 ? 'up' : delta(row) < 0 ? 'down' : 'muted'}>{deltaText(row)}</span> });
  columns.push({ key: 'samples', title: 'samples', help: 'recorded, over all seeds', right: true, wide: true, width: '6.4rem', value: (row) => row.samples,
    cell: (row) => <span class={unfinished(row) ? 'warning' : ''} data-field="samples">{unfinished(row) ? `${count(row.samples)}/${count(row.samplesWanted)}` : count(row.samples)}</span>,
    text: (row) => (unfinished(row) ? `${count(row.samples)}/${count(row.samplesWanted)}` : count(row.samples)) });
  if (anyErrors) columns.push({ key: 'errors', title: 'errors', help: 'samples without an answer; they count as wrong', right: true, wide: true, width: '4.6rem', value: (row) => row.errors,
    cell: (row) => <span class={row.errors > 0 ? 'down' : 'muted'}>{count(row.errors)}</span>, text: (row) => count(row.errors) });
  for (const measure of measures) {
    const text = (row: LeaderboardRow) => (measure.key === 'seconds' && row.secondsPerProblem >= 1 ? fixed(row.secondsPerProblem, 1)
      : measure.key.startsWith('metric') ? metricText(measure.value(row)) : fixed(measure.value(row), measure.digits));
    columns.push({ key: measure.key, title: measure.title, help: measure.help, right: true, wide: true, width: `${widthOf(measure)}rem`, value: measure.value,
      cell: (row) => <span data-field={measure.key}>{text(row)}</span>, text });
  }
  columns.push({ key: 'pin', title: '', wide: true, width: '3.6rem', cell: (row) => (
    <button type="button" class="plain pin" aria-pressed={row === pinned} aria-label={`Pin ${name(row)} as the baseline`} onClick={() => setQuery({ pin: row === pinned ? '' : rowId(row) })}>
      {row === pinned ? 'unpin' : 'pin'}
    </button>
  ) });
  return columns;
}

// A price is what a score is usually held against.
function costsFirst(measures: Measure[]): Measure[] {
  const isMetric = (measure: Measure) => measure.key.startsWith('metric');
  return [...measures.filter((measure) => !isMetric(measure)), ...measures.filter(isMetric)];
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}

function problemsText(rows: LeaderboardRow[]): string {
  const least = Math.min(...rows.map((row) => row.problems));
  const most = Math.max(...rows.map((row) => row.problems));
  return least === most ? countOf(most, 'problem') : `${count(least)} to ${countOf(most, 'problem')}`;
}

function legend(rows: LeaderboardRow[]): string {
  const kinds = distinct(rows.map((row) => row.intervalKind).filter(Boolean));
  return `Rows shaded together have the same #: the data cannot tell them apart. Parameters at their defaults are left out. ${
    rows.some((row) => row.tokensPerProblem > 0) ? 'Tokens and seconds are for each problem; nats: mean entropy of a token' : 'Seconds are for each problem; nats: mean entropy of an answer'}${
    kinds.length > 0 ? `; interval: ${kinds.join(', ')}` : ''}.`;
}

// The columns of `entrobench leaderboard --format csv`.
function boardCsv(rows: LeaderboardRow[], metric: string): string {
  const metrics = distinct(rows.flatMap((row) => Object.keys(row.metrics))).sort();
  return csv([
    ['group', 'method', 'version', 'params', 'model', 'model_digest', 'suite', 'suite_digest', 'options', 'deterministic', 'seeds', 'trials', 'problems', 'samples',
     'samples_wanted', 'errors', 'metric', 'score', 'low', 'high', 'interval', 'tokens_per_problem', 'entropy_per_token', 'seconds_per_problem', ...metrics],
    ...rows.map((row) => [
      String(row.group), row.method.id, row.method.version, canonicalParams(row.method.params), row.model, row.modelDigest, row.suite, row.suiteDigest, row.suiteOptions,
      String(row.deterministic), row.seeds.join(' '), row.trialIds.join(' '), String(row.problems), String(row.samples), String(row.samplesWanted), String(row.errors), metric,
      String(row.score), row.scoreInterval ? String(row.scoreInterval.low) : '', row.scoreInterval ? String(row.scoreInterval.high) : '', row.intervalKind,
      String(row.tokensPerProblem), String(row.entropyPerToken), String(row.secondsPerProblem),
      ...metrics.map((name) => (name in row.metrics ? String(row.metrics[name]) : '')),
    ]),
  ]);
}

export function leaderboardLink(suite: string, values: Record<string, string> = {}): string {
  return withQuery(pathTo('leaderboard', suite), values);
}
