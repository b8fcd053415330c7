// Everything about one row of the leaderboard, and where to go from it.
import type { LeaderboardRow } from '../../api/messages';
import { pathTo, withQuery } from '../../router';
import { count, dateTime, fixed, score, short, shortDigest } from '../../ui/format';
import { collapseWords, otherMetrics } from '../../ui/metrics';
import { canonicalParams, labelText, methodKey, type Labeller } from '../../ui/method_label';
import { Dialog, Facts } from '../../ui/parts';
import { rowId } from './rows';

interface Props {
  row: LeaderboardRow;
  metric: string;
  label: Labeller;
  pinned: LeaderboardRow | undefined;
  onClose: () => void;
  onPin: () => void;
}

// A side of a comparison in the address: the trial that names its sweep, and the method in it.
export function sideOf(row: LeaderboardRow): string {
  return `t${row.trialIds.at(-1) ?? 0}:${methodKey(row.method)}`;
}

export function RowPanel({ row, metric, label, pinned, onClose, onPin }: Props) {
  const isPinned = pinned !== undefined && rowId(pinned) === rowId(row);
  return (
    <Dialog title={labelText(label(row.method))} onClose={onClose}>
      <p class="actions">
        {!isPinned && <button type="button" onClick={onPin}>Pin as baseline</button>}
        {pinned && !isPinned && (
          <a class="button" href={withQuery('/compare', { a: sideOf(pinned), b: sideOf(row), suite: row.suite, model: row.model })}>Compare with {labelText(label(pinned.method))}</a>
        )}
        <a class="button" href={pathTo('methods', row.method.id)}>About {row.method.id}</a>
      </p>
      <Facts rows={[
        [metric, score(metric, row.score)],
        ['95% interval', row.scoreInterval && `${score(metric, row.scoreInterval.low)}–${score(metric, row.scoreInterval.high)} (${row.intervalKind})`],
        ['rank', row.group || ''],
        ['method', `${row.method.id} version ${row.method.version}`],
        ['parameters', canonicalParams(row.method.params) || 'none'],
        ['approximation', row.approximation],
        ['model', `${row.model}${row.modelDigest ? ` (${shortDigest(row.modelDigest)})` : ''}`],
        ['suite', `${row.suite} (${shortDigest(row.suiteDigest)})`],
        ['options', row.suiteOptions],
        ['deterministic', row.deterministic ? 'yes: bit for bit on any number of workers' : 'no'],
        ['problems', count(row.problems)],
        ['samples', row.samples < row.samplesWanted ? `${count(row.samples)} of ${count(row.samplesWanted)}` : count(row.samples)],
        ['errors', count(row.errors)],
        ['tokens a problem', fixed(row.tokensPerProblem, 1)],
        ['entropy a token', `${fixed(row.entropyPerToken, 4)} nats`],
        ['seconds a problem', short(row.secondsPerProblem)],
        ...row.passAtK.map((entry): [string, string] => [`pass@${entry.k}`, fixed(entry.value, 4)]),
        ...row.majorityAtK.map((entry): [string, string] => [`maj@${entry.k}`, fixed(entry.value, 4)]),
        ['collapse', collapseWords(row.metrics)],
        ...otherMetrics(Object.keys(row.metrics), []).map(({ name }): [string, string] => [name.replaceAll('_', ' '), short(row.metrics[name])]),
        ['AUROC', row.uncertainty && `${fixed(row.uncertainty.auroc, 3)}${row.uncertainty.aurocInterval ? ` (${fixed(row.uncertainty.aurocInterval.low, 3)}–${fixed(row.uncertainty.aurocInterval.high, 3)}, DeLong)` : ''}`],
        ['PRR', row.uncertainty && fixed(row.uncertainty.prr, 3)],
        ['ECE', row.uncertainty && fixed(row.uncertainty.ece, 3)],
        ['finished', row.finishedAt && dateTime(row.finishedAt)],
        ['sweeps', row.sweeps.join(', ')],
      ]} />
      <h3>Trials</h3>
      <ul class="trial-links">
        {row.trialIds.map((id, index) => <li key={id}><a href={pathTo('trials', id)}>trial {id}</a> <span class="muted">seed {row.seeds[index]}</span></li>)}
      </ul>
    </Dialog>
  );
}
