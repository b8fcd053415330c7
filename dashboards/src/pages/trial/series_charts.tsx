// How a trial went: the series that its evaluator reported, and error and entropy over its samples.
import { useMemo } from 'preact/hooks';

import type { SampleResult, Series } from '../../api/messages';
import { axis, Chart, type Palette } from '../../ui/chart';
import { short } from '../../ui/format';
import { Section } from '../../ui/parts';

// Far more points than pixels help nobody: every k-th, with the last.
function thin<T>(values: T[], most = 2000): T[] {
  if (values.length <= most) return values;
  const step = Math.ceil(values.length / most);
  return values.filter((_, index) => index % step === 0 || index === values.length - 1);
}

// `ordered`: the samples' numbers are not the order in which they came; the series tell how it went.
export function SeriesCharts({ points, samples, metric, ordered }: { points: Series[]; samples: SampleResult[]; metric: string; ordered: boolean }) {
  const running = useMemo(() => {
    let errors = 0;
    let entropy = 0;
    return samples.map((sample, index) => {
      errors += 1 - sample.score;
      entropy += sample.meanEntropy;
      return { id: sample.sampleId, error: errors / (index + 1), entropy: entropy / (index + 1) };
    });
  }, [samples]);
  if (points.length === 0 && (ordered || samples.length < 5)) return null;
  return (
    <>
      {points.length > 0 && (
        <Section title="Series" note="as the evaluator reported them">
          <div class="chart-grid">
            {points.map((series) => (
              <LineChart key={series.name} title={series.name.replaceAll('_', ' ')} x="step" height={220} label={`${series.name}, last ${short(series.value.at(-1))} at step ${series.step.at(-1)}`}
                lines={[{ name: series.name, data: thin(series.step.map((step, index): [number, number] => [step, series.value[index]!])) }]} />
            ))}
          </div>
        </Section>
      )}
      {samples.length >= 5 && !ordered && (
        <Section title="Over the samples" note="means so far, in the order of the suite">
          <div class="chart-grid">
            <LineChart title={`1 − ${metric}`} x="sample" height={200} label={`Error so far, ${short(running.at(-1)?.error)} at the end`} lines={[{ name: 'error', data: thin(running.map((one): [number, number] => [one.id, one.error])) }]} />
            <LineChart title="nats a token" x="sample" height={200} label={`Mean entropy so far, ${short(running.at(-1)?.entropy)} nats at the end`} lines={[{ name: 'entropy', data: thin(running.map((one): [number, number] => [one.id, one.entropy])) }]} color={1} />
          </div>
        </Section>
      )}
    </>
  );
}

interface Line {
  name: string;
  data: [number, number][];
}

export function LineChart({ title, x, lines, label, height, color = 0 }: { title: string; x: string; lines: Line[]; label: string; height: number; color?: number }) {
  const option = (colors: Palette) => ({
    color: colors.series.slice(color),
    grid: { left: 68, right: 16, top: 28, bottom: 40 },
    xAxis: axis(colors, x, { scale: true, minInterval: 1 }),
    yAxis: axis(colors, title, { nameGap: 52 }),
    tooltip: { trigger: 'axis', valueFormatter: (value: number) => short(value) },
    series: lines.map((line) => ({ type: 'line', name: line.name, data: line.data, showSymbol: line.data.length < 30, symbolSize: 5, lineStyle: { width: 1.6 } })),
  });
  return <Chart label={label} height={height} option={option as never} depends={[lines.map((line) => `${line.data.length} ${line.data.at(-1)?.join()}`).join('|')]} />;
}
