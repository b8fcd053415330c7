// The error in each group of a suite of pictures (a corruption), as bars beside their numbers.
import { fixed } from '../../ui/format';
import { Section } from '../../ui/parts';

export function GroupErrors({ errors }: { errors: [string, number][] }) {
  if (errors.length === 0) return null;
  const most = Math.max(...errors.map(([, error]) => error), 0.01);
  return (
    <Section title="Error by group" note="the share of wrong predictions">
      <table class="bars" aria-label="Error by group">
        <tbody>
          {errors.map(([group, error]) => (
            <tr key={group}>
              <th scope="row">{group.replaceAll('_', ' ')}</th>
              <td class="bar" aria-hidden="true"><div style={{ width: `${(100 * error) / most}%` }} /></td>
              <td class="right">{fixed(100 * error, 1)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
