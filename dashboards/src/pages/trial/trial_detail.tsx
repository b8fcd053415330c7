// One cell of a sweep: what it scored, over time and by group, how well it knows when it is wrong, and every sample.
import { useMemo } from 'preact/hooks';

import type { Breakdown, SampleResult, TrialDetail } from '../../api/messages';
import { useRpc } from '../../api/use_rpc';
import { go, pathTo, setQuery, type Place } from '../../router';
import { bytes, count, countOf, fixed, inPercent, none, score, scoreTitle, short, shortDigest, timeSpan } from '../../ui/format';
import { IntervalMark, scaleFor } from '../../ui/interval';
import { collapseWords, groupErrors, otherMetrics } from '../../ui/metrics';
import { canonicalParams } from '../../ui/method_label';
import { Empty, Facts, Problem, Progress, Section, Select, Stale, StateChip, Title, Waiting } from '../../ui/parts';
import { parseSort, sorted, sortText, Table, type Column } from '../../ui/table';
import { GroupErrors } from './group_errors';
import { SeriesCharts } from './series_charts';
import { UncertaintySection } from './uncertainty_section';
import { usePoints } from './use_points';
import { useSamples } from './use_samples';

export function TrialDetailPage({ id, place }: { id: number; place: Place }) {
  const answer = useRpc('GetTrial', { id }, (change) => change.manyTrials === true || (change.trials?.includes(id) ?? false));
  const suites = useRpc('ListSuites', {}, (change) => change.catalogue === true);
  const samples = useSamples(id);
  const points = usePoints(id);
  if (!answer.data) return <><Title>Trial {id}</Title><Waiting answer={answer} what={`trial ${id}`} /></>;
  const detail = answer.data;
  const { trial, totals, state } = detail.status;
  const suite = suites.data?.suites.find((one) => one.id === trial.suite.id);
  const metric = suite?.primaryMetric || 'accuracy';
  const collapse = collapseWords(detail.metrics);
  return (
    <>
      <Title facts={[<StateChip key="state" state={state} />, `trial ${id}`, <a key="sweep" href={pathTo('sweeps', trial.sweepId)}>{detail.sweepName || `sweep ${trial.sweepId}`}</a>,
        <a key="suite" href={pathTo('leaderboard', trial.suite.id)}>{trial.suite.id}</a>, trial.model.name, `seed ${trial.seed}`]}>
        <a class="quiet" href={pathTo('methods', trial.method.id)}>{trial.method.id}</a> <span class="params">{canonicalParams(trial.method.params)}</span>
      </Title>
      <Stale answer={answer} />
      {trial.approximation && <p class="note" role="note">This method runs as an approximation on this model: {trial.approximation}</p>}
      {collapse && <p class="note" role="alert">This run {collapse}.</p>}
      {totals.samples < trial.samples && <Progress done={totals.samples} total={trial.samples} label={`${totals.samples} of ${trial.samples} samples`} />}
      <div class="stats" role="group" aria-label="Results">
        <Stat name={scoreTitle(metric)} value={totals.samples > 0 ? score(metric, totals.scoreSum / totals.samples) : none} field="score" />
        <Stat name="samples" value={totals.samples < trial.samples ? `${count(totals.samples)} / ${count(trial.samples)}` : count(totals.samples)} field="samples" />
        {totals.errors > 0 && <Stat name="errors" value={count(totals.errors)} />}
        {totals.generatedTokens > 0 && <Stat name="tokens a problem" value={fixed(totals.generatedTokens / totals.samples, 1)} />}
        <Stat name={totals.generatedTokens > 0 ? 'nats a token' : 'nats an answer'} value={fixed(totals.samples > 0 ? totals.entropySum / totals.samples : NaN, 3)} />
        <Stat name="compute" value={timeSpan(totals.secondsSum)} />
        {otherMetrics(Object.keys(detail.metrics), suite?.metrics ?? []).map(({ name, meaning }) => (
          <Stat key={name} name={name.replaceAll('_', ' ')} value={short(detail.metrics[name])} help={meaning} />
        ))}
        {totals.reused > 0 && <Stat name="reused" value={count(totals.reused)} />}
      </div>
      <SeriesCharts points={points} samples={samples.samples} metric={metric} ordered={trial.suite.ordered} />
      <GroupErrors errors={groupErrors(detail.metrics)} />
      <BreakdownTable breakdown={detail.breakdown} metric={metric} />
      {detail.uncertainty && <UncertaintySection uncertainty={detail.uncertainty} />}
      <SampleTable trialId={id} samples={samples} metric={metric} place={place} />
      <TrialProvenance detail={detail} />
    </>
  );
}

function Stat({ name, value, field, help }: { name: string; value: string; field?: string; help?: string }) {
  return <div class="stat" title={help}><span>{name}</span><strong data-field={field}>{value}</strong></div>;
}

function BreakdownTable({ breakdown, metric }: { breakdown: Breakdown[]; metric: string }) {
  if (breakdown.length < 2) return null;
  const scale = scaleFor(breakdown.map((row) => ({ value: row.score, interval: row.interval })));
  const range = (row: Breakdown) => (row.interval ? `${score(metric, row.interval.low)}–${score(metric, row.interval.high)}` : none);
  const columns: Column<Breakdown>[] = [
    { key: 'group', title: 'group', cell: (row) => row.group || 'no group' },
    { key: 'samples', title: 'samples', right: true, width: '5.4rem', cell: (row) => count(row.samples) },
    { key: 'score', title: scoreTitle(metric), right: true, width: '6.6rem', cell: (row) => <strong>{score(metric, row.score)}</strong> },
    { key: 'interval', title: '95% interval', help: 'Wilson', width: '26%', cell: (row) => <IntervalMark value={row.score} interval={row.interval} scale={scale} text={`${score(metric, row.score)}, 95% interval ${range(row)}`} /> },
    { key: 'range', title: '', wide: true, width: '6.4rem', cell: (row) => <span class="muted">{range(row)}</span> },
    { key: 'nats', title: 'nats', right: true, wide: true, width: '5rem', cell: (row) => fixed(row.meanEntropy, 3) },
    { key: 'tokens', title: 'tokens', right: true, wide: true, width: '5.4rem', cell: (row) => fixed(row.tokens, 1) },
  ];
  return <Section title="By group"><Table label="Score by group" columns={columns} rows={breakdown} rowKey={(row) => row.group} /></Section>;
}

function SampleTable({ trialId, samples, metric, place }: { trialId: number; samples: ReturnType<typeof useSamples>; metric: string; place: Place }) {
  const shown = place.query.get('show') ?? '';
  const group = place.query.get('group') ?? '';
  const sort = parseSort(place.query.get('sort'));
  const groups = useMemo(() => [...new Set(samples.samples.map((sample) => sample.group))].filter(Boolean).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })), [samples.samples]);
  const rows = samples.samples.filter((sample) => (shown === '' || (shown === 'wrong' ? sample.score < 1 : shown === 'right' ? sample.score >= 1 : sample.error !== '')) &&
                                                  (group === '' || sample.group === group));
  const anyConfidence = samples.samples.some((sample) => sample.confidence !== undefined);
  const anyUncertainty = samples.samples.some((sample) => sample.uncertainty !== undefined);
  const columns: Column<SampleResult>[] = [
    { key: 'id', title: 'sample', right: true, width: '4.6rem', value: (row) => row.sampleId, cell: (row) => <a href={pathTo('trials', trialId, 'samples', row.sampleId)}>{row.sampleId}</a> },
    { key: 'score', title: inPercent(metric) ? 'verdict' : metric, width: '5.4rem', value: (row) => row.score, cell: (row) => <Verdict sample={row} metric={metric} /> },
    { key: 'answer', title: 'answer', value: (row) => row.answer, cell: (row) => (row.error ? <span class="down" title={row.error}>{row.error}</span> : <span title={row.answer}>{row.answer || <span class="muted">none found</span>}</span>) },
    ...(groups.length > 1 ? [{ key: 'group', title: 'group', wide: true, width: '8rem', value: (row: SampleResult) => row.group, cell: (row: SampleResult) => row.group }] : []),
    ...(anyConfidence ? [{ key: 'confidence', title: 'confidence', right: true, wide: true, width: '6.4rem', value: (row: SampleResult) => row.confidence ?? NaN, cell: (row: SampleResult) => fixed(row.confidence, 3) }] : []),
    ...(anyUncertainty ? [{ key: 'uncertainty', title: 'uncertainty', right: true, wide: true, width: '6.6rem', value: (row: SampleResult) => row.uncertainty ?? NaN, cell: (row: SampleResult) => short(row.uncertainty) }] : []),
    { key: 'nats', title: 'nats', help: 'mean entropy of a token', right: true, width: '4.8rem', value: (row) => row.meanEntropy, cell: (row) => fixed(row.meanEntropy, 3) },
    { key: 'tokens', title: 'tokens', right: true, wide: true, width: '5rem', value: (row) => row.generatedTokens, cell: (row) => count(row.generatedTokens) },
    { key: 'branches', title: 'branches', right: true, wide: true, width: '5.4rem', value: (row) => row.branches, cell: (row) => count(row.branches) },
    { key: 'seconds', title: 's', right: true, wide: true, width: '4.6rem', value: (row) => row.seconds, cell: (row) => fixed(row.seconds, 3) },
  ];
  return (
    <Section title="Samples" note={samples.complete ? countOf(rows.length, 'sample') : `the first ${count(samples.samples.length)}; entrobench export has them all`}>
      <div class="filters">
        <Select label="Show" value={shown} onChange={(value) => setQuery({ show: value })}
          options={[{ value: '', text: 'all' }, { value: 'wrong', text: 'wrong only' }, { value: 'right', text: 'right only' }, { value: 'error', text: 'errors' }]} />
        {groups.length > 1 && <Select label="Group" value={group} onChange={(value) => setQuery({ group: value })} options={[{ value: '', text: 'all groups' }, ...groups.map((one) => ({ value: one, text: one }))]} />}
      </div>
      {samples.error && <Problem error={samples.error} />}
      {samples.loading ? <p class="waiting" role="status">Loading samples…</p> : rows.length === 0 ? (
        <Empty title={samples.samples.length === 0 ? 'No sample has been recorded yet; they show here as they come.' : 'No sample matches.'} />
      ) : (
        <Table label="Samples" columns={columns} rows={sorted(rows, columns, sort)} rowKey={(row) => row.sampleId} sort={sort} onSort={(next) => setQuery({ sort: sortText(next) })}
          onOpen={(row) => go(pathTo('trials', trialId, 'samples', row.sampleId))} />
      )}
    </Section>
  );
}

export function Verdict({ sample, metric }: { sample: SampleResult; metric: string }) {
  if (sample.error) return <span class="chip failed">error</span>;
  if (sample.score >= 1) return <span class="chip right">right</span>;
  if (inPercent(metric) && sample.score <= 0) return <span class="chip wrong">wrong</span>;
  return <span class="chip">{fixed(sample.score, 3)}</span>;
}

function TrialProvenance({ detail }: { detail: TrialDetail }) {
  const { trial } = detail.status;
  return (
    <Section title="Where it comes from">
      <Facts rows={[
        ['method', `${trial.method.id} version ${trial.method.version}`],
        ['parameters', canonicalParams(trial.method.params) || 'none'],
        ['model', `${trial.model.name} · ${trial.model.digest ? `SHA-256 ${shortDigest(trial.model.digest)}` : trial.model.endpointUrl}`],
        ['further models', trial.companions.map((one) => `${one.parameter}: ${one.model?.name ?? ''}`).join(', ')],
        ['suite', `${trial.suite.id} version ${trial.suite.version} · SHA-256 ${shortDigest(trial.suite.digest)}`],
        ['options', canonicalParams(trial.suite.options)],
        ['seed', trial.seed],
        ['deterministic', trial.deterministic ? 'yes: bit for bit on any number of workers' : 'no'],
        ['kept', { KEEP_UNSPECIFIED: 'texts and token traces', KEEP_ALL: 'texts and token traces', KEEP_TEXT: 'texts', KEEP_NUMBERS: 'numbers only' }[trial.keep]],
        ['a job occupies', trial.resources && [countOf(trial.resources.cores, 'core'), trial.resources.memoryBytes > 0 && bytes(trial.resources.memoryBytes), trial.resources.gpus > 0 && countOf(trial.resources.gpus, 'GPU'), ...trial.resources.labels].filter(Boolean).join(', ')],
        ['jobs', `${count(detail.status.jobsDone)} of ${count(detail.status.jobs)} done${detail.status.jobsFailed > 0 ? `, ${detail.status.jobsFailed} failed` : ''}`],
        ['cell', <code key="cell">{trial.cell}</code>],
      ]} />
    </Section>
  );
}
