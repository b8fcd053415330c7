// Methods by groups (the corruptions of a suite of pictures), coloured by the error; a table, so that it can be read without colours.
import type { LeaderboardRow } from '../../api/messages';
import { pathTo } from '../../router';
import { fixed } from '../../ui/format';
import { groupErrors } from '../../ui/metrics';
import { labelText, type Labeller } from '../../ui/method_label';
import { Section } from '../../ui/parts';
import { rowId } from './rows';

export function ErrorMatrix({ rows, label }: { rows: LeaderboardRow[]; label: Labeller }) {
  const shown = rows.map((row) => ({ row, errors: new Map(groupErrors(row.metrics)) })).filter(({ errors }) => errors.size > 0);
  if (shown.length === 0) return null;
  const groups = [...new Set(shown.flatMap(({ errors }) => [...errors.keys()]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (groups.length < 2) return null; // the score says it all
  const values = shown.flatMap(({ errors }) => [...errors.values()]).filter(Number.isFinite);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const severalModels = new Set(shown.map(({ row }) => row.model)).size > 1;
  return (
    <Section title="Error by group, %" note="the share of wrong predictions; darker is worse">
      <div class="heat-scroll" tabIndex={0} role="group" aria-label="Error of each method in each group">
        <table class="heat error-matrix" aria-label="Error by method and group">
          <thead>
            <tr><td class="corner" />{groups.map((group) => <th key={group} scope="col" title={group}><span>{group.replaceAll('_', ' ')}</span></th>)}</tr>
          </thead>
          <tbody>
            {shown.map(({ row, errors }) => {
              const name = `${labelText(label(row.method))}${severalModels ? ` · ${row.model}` : ''}`;
              return (
                <tr key={rowId(row)}>
                  <th scope="row" title={name}>{row.trialIds.length === 1 ? <a href={pathTo('trials', row.trialIds[0]!)}>{name}</a> : name}</th>
                  {groups.map((group) => {
                    const error = errors.get(group);
                    if (error === undefined || !Number.isFinite(error)) return <td key={group} class="none" aria-label="no results" />;
                    const step = high > low ? Math.min(4, Math.floor((5 * (error - low)) / (high - low))) : 2;
                    return <td key={group} class={`heat-${step + 1}`} title={`${name}, ${group}: ${fixed(100 * error, 2)} %`}>{fixed(100 * error, 1)}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
