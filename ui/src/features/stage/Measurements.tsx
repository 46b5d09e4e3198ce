import { useMemo } from "react";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { zoneWords } from "@/shared/time/words.ts";
import { plotOf, readRun, type Metric, type WireRun } from "./measurements.ts";
import styles from "./stage.module.css";

export interface MeasurementsProps {
  readonly project: string;
  readonly run: string;
  readonly mark: string;
}

/** Each metric of a run: a chart where it has numbers, and a table of all that was measured. */
export default function Measurements({ project, run, mark }: MeasurementsProps) {
  const { data, error, retry } = useAsked<WireRun>(path`v1beta1/projects/${project}/analysis-runs/${run}`, mark);
  const metrics = useMemo(() => (data === undefined ? null : readRun(data)), [data]);
  if (metrics === null) return error === null ? <Loading what="measurements" rows={3} /> : <Problem what={`The run ${run}`} error={error} retry={retry} />;
  return (
    <div className={styles.stack}>
      {data?.status?.message !== undefined && data.status.message !== "" && <p>{data.status.message}</p>}
      {metrics.length === 0 && <p className={page.muted}>Nothing has been measured yet.</p>}
      {metrics.map((metric) => (
        <OneMetric key={metric.name} metric={metric} />
      ))}
    </div>
  );
}

function OneMetric({ metric }: { readonly metric: Metric }) {
  return (
    <div className={styles.metric} data-metric={metric.name}>
      <h3 className={page.sectionHead}>
        {metric.name} <StateWord meaning={metric.meaning} /> <span className={page.muted}>{[...metric.conditions, metric.message].filter(Boolean).join(" · ")}</span>
      </h3>
      <Chart metric={metric} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard */}
      <div className={`${page.box} ${styles.tall}`} tabIndex={0} role="region" aria-label={`Measurements of ${metric.name}`}>
        <table className={page.table}>
          <thead>
            <tr>
              <th scope="col">At ({zoneWords(metric.measurements[0]?.at)})</th>
              <th scope="col">Result</th>
              <th scope="col">Measured</th>
              <th scope="col">Says</th>
            </tr>
          </thead>
          <tbody>
            {metric.measurements.map((each, place) => (
              <tr key={place}>
                <td className={page.once}>
                  <When at={each.at} />
                </td>
                <td className={page.once}>
                  <StateWord meaning={each.meaning} />
                </td>
                <td className={page.mono}>{each.text || "–"}</td>
                <td>{each.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const WIDTH = 640;
const HEIGHT = 96;
const EDGE = 10;

/** Its numbers over time. All that it tells stands in the table as well. */
function Chart({ metric }: { readonly metric: Metric }) {
  const plot = plotOf(metric.measurements, WIDTH, HEIGHT);
  if (plot === null) return null;
  return (
    <figure className={styles.chart}>
      <div className={styles.scale} aria-hidden="true">
        <span>{plot.most}</span>
        <span>{plot.least}</span>
      </div>
      <svg viewBox={`${-EDGE} ${-EDGE} ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}`} role="img" aria-label={`${metric.name}: ${plot.points.length} numbers from ${plot.least} to ${plot.most}, all in the table below`}>
        <path className={styles.axis} d={`M0 ${HEIGHT}H${WIDTH}M0 0H${WIDTH}`} />
        <polyline className={styles.line} points={plot.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")} />
        {plot.points.map(({ x, y, measurement }, place) => (
          <circle key={place} className={measurement.meaning.role === "fail" ? styles.bad : styles.good} cx={x} cy={y} r={measurement.meaning.role === "fail" ? 4.5 : 3}>
            <title>{`${measurement.text}, ${measurement.meaning.word}`}</title>
          </circle>
        ))}
      </svg>
    </figure>
  );
}
