// One problem, as the method saw it: the question, what it wrote, token by token, the answer, and how that was judged.
import { useEffect } from 'preact/hooks';

import type { GetSampleReply } from '../../api/messages';
import { useRpc } from '../../api/use_rpc';
import { go, pathTo } from '../../router';
import { count, dateTime, fixed, short } from '../../ui/format';
import { canonicalParams } from '../../ui/method_label';
import { Command, CopyButton, Empty, Facts, Section, Stale, Title, Waiting } from '../../ui/parts';
import { Verdict } from '../trial/trial_detail';
import { Branches } from './branches';

export function SamplePage({ trialId, sampleId }: { trialId: number; sampleId: number }) {
  const answer = useRpc('GetSample', { trialId, sampleId }, (change) => change.trials?.includes(trialId) ?? false);
  const suites = useRpc('ListSuites', {}, (change) => change.catalogue === true);
  const neighbour = (step: number) => pathTo('trials', trialId, 'samples', sampleId + step);
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest('input, select, dialog')) return;
      if (event.key === '[' && sampleId > 0) go(neighbour(-1));
      if (event.key === ']') go(neighbour(1));
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, [trialId, sampleId]);
  const steps = (
    <>
      {sampleId > 0 && <a class="button" href={neighbour(-1)} title="[">← {sampleId - 1}</a>}
      <a class="button" href={neighbour(1)} title="]">{sampleId + 1} →</a>
    </>
  );
  if (!answer.data) {
    return (
      <>
        <Title facts={[<a key="trial" href={pathTo('trials', trialId)}>trial {trialId}</a>]} actions={steps}>Sample {sampleId}</Title>
        {answer.error?.code === 'NOT_FOUND' ? <Empty title={answer.error.message}><p>It has not been recorded (yet), or the trial ends before it.</p></Empty> : <Waiting answer={answer} what={`sample ${sampleId}`} />}
      </>
    );
  }
  const { trial, sample } = answer.data;
  const payload = sample.payload;
  const metric = suites.data?.suites.find((suite) => suite.id === trial.trial.suite.id)?.primaryMetric || 'accuracy';
  return (
    <>
      <Title actions={steps} facts={[
        <Verdict key="verdict" sample={sample} metric={metric} />,
        <a key="trial" href={pathTo('trials', trialId)}>{trial.trial.method.id} {canonicalParams(trial.trial.method.params)}</a>,
        <a key="suite" href={pathTo('leaderboard', trial.trial.suite.id)}>{trial.trial.suite.id}</a>, trial.trial.model.name, `seed ${trial.trial.seed}`, sample.group,
      ]}>Sample {sampleId}</Title>
      <Stale answer={answer} />
      {sample.error && <p class="problem" role="alert">{sample.error}</p>}
      {payload && (payload.question || payload.prompt) ? (
        <div class="problem-text">
          <h2>Problem</h2>
          <p class="prose">{payload.question || payload.prompt}</p>
          {payload.prompt && payload.prompt !== payload.question && (
            <details>
              <summary class="muted">the prompt, as the model saw it</summary>
              <pre class="block">{payload.prompt}</pre>
            </details>
          )}
        </div>
      ) : (
        <Empty title={trial.trial.keep === 'KEEP_NUMBERS' ? 'This sweep kept numbers only, no texts.' : 'There are no texts of this sample.'}>
          {trial.trial.keep === 'KEEP_NUMBERS' && <p>With <code>keep: all</code> in its YAML the next one keeps what the model wrote: <Command text="entrobench submit sweep.yaml --fresh" /></p>}
        </Empty>
      )}
      <div class="answers">
        <div><h2>Answer</h2><p class={`answer ${sample.score >= 1 ? 'up' : 'down'}`} data-field="answer">{sample.answer || <span class="muted">none found</span>}</p></div>
        {payload?.gold && <div><h2>Right answer</h2><p class="answer" data-field="gold">{payload.gold}</p></div>}
        {payload?.judgement && <div class="grow"><h2>How it was judged</h2><p class="prose">{payload.judgement}</p></div>}
      </div>
      {payload && payload.branches.length > 0 && <Branches branches={payload.branches} answer={sample.answer} gold={payload.gold} />}
      <Numbers reply={answer.data} />
    </>
  );
}

function Numbers({ reply }: { reply: GetSampleReply }) {
  const { sample, provenance, trial } = reply;
  const from = provenance.reusedFromTrial;
  const notes = Object.entries(sample.payload?.notes ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const text = sample.generatedTokens > 0 || sample.promptTokens > 0; // else a classifier's answer
  return (
    <div class="two">
      <Section title="Numbers">
        <Facts rows={[
          ['score', short(sample.score)],
          ['confidence', sample.confidence !== undefined && fixed(sample.confidence, 4)],
          ['uncertainty', sample.uncertainty !== undefined && short(sample.uncertainty)],
          [text ? 'entropy a token' : 'entropy of an answer', `${fixed(sample.meanEntropy, 4)} nats`],
          ['log-probability a token', text && `${fixed(sample.meanLogprob, 4)} nats`],
          ['tokens', text && `${count(sample.generatedTokens)} generated, ${count(sample.promptTokens)} in the prompt`],
          ['branches', text && count(sample.branches)],
          ['compute', `${fixed(sample.seconds, 3)} s`],
          ...Object.entries(sample.metrics).map(([name, value]): [string, string] => [name.replaceAll('_', ' '), short(value)]),
        ].filter((row): row is [string, string] => row[1] !== false)} />
      </Section>
      <Section title="Where it comes from" actions={<CopyButton label="Copy" what="the command that shows this sample" text={() => `entrobench samples t${trial.trial.id} --sample ${sample.sampleId}`} />}>
        <Facts rows={[
          ['worker', `${provenance.worker}${provenance.host ? ` on ${provenance.host}` : ''}`],
          ['build', provenance.build],
          ['recorded', dateTime(provenance.recordedAt)],
          ['job', `${provenance.jobId}, attempt ${provenance.epoch}`],
          ['reused from', from > 0 && <a href={pathTo('trials', from, 'samples', sample.sampleId)}>trial {from}</a>],
        ].filter((row): row is [string, string] => row[1] !== false)} />
      </Section>
      {notes.length > 0 && <Section title="Notes"><Facts rows={notes.map(([name, value]) => [name.replaceAll('_', ' '), value])} /></Section>}
    </div>
  );
}
