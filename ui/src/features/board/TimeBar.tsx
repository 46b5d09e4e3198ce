import { useCallback, useEffect, useState } from "react";
import type { WireDensity } from "@/shared/api/documents.ts";
import { query } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { CloseButton } from "@/shared/parts/CloseButton.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow, useServices } from "@/shared/services.ts";
import { exactly, zoned } from "@/shared/time/words.ts";
import { PLACES, SPANS, barOf } from "./past.ts";
import styles from "./timeBar.module.css";

export interface TimeBarProps {
  readonly project: string;
  /** Seconds since 1970; undefined: the board is as it is now. */
  readonly at: number | undefined;
  readonly onChange: (at: number | undefined) => void;
  readonly onClose: () => void;
}

/** While the handle is dragged, what was then is asked for once it rests. */
const RESTED = 120;

/** Time as a bar: how much moved when, and a handle that shows what was everywhere at a moment. */
export function TimeBar({ project, at, onChange, onClose }: TimeBarProps) {
  const { clock } = useServices();
  const now = useNow(60);
  const [span, setSpan] = useState<number>(SPANS[3][1]);
  const [dragged, setDragged] = useState<number | null>(null);
  const { from, until, step } = barOf(span, now);
  const commit = useCallback((value: number) => onChange(value >= now ? undefined : value), [onChange, now]);
  useEffect(() => {
    if (dragged === null) return undefined;
    return clock.after(RESTED, () => {
      commit(dragged);
      setDragged(null);
    });
  }, [clock, commit, dragged]);
  const value = dragged ?? at ?? until;
  return (
    <div className={styles.bar} role="group" aria-label="Time">
      <span className={styles.spans}>
        {SPANS.map(([label, seconds]) => (
          <button key={label} type="button" className={page.button} aria-pressed={span === seconds} onClick={() => setSpan(seconds)}>
            {label}
          </button>
        ))}
      </span>
      <span className={styles.strip}>
        <Moves project={project} from={from} until={until} />
        <input
          type="range"
          className={styles.handle}
          aria-label="What was everywhere at"
          aria-valuetext={value >= now ? "now" : exactly(value)}
          min={from}
          max={until}
          step={step}
          value={Math.max(from, value)}
          onChange={(event) => setDragged(Number(event.target.value))}
        />
      </span>
      <output className={styles.at}>{value >= now ? "now" : zoned(value, now)}</output>
      <button type="button" className={page.button} disabled={at === undefined} onClick={() => onChange(undefined)}>
        Now
      </button>
      <CloseButton onClose={onClose} />
    </div>
  );
}

/** How many moves each part of the time had; those that failed are hatched. */
function Moves({ project, from, until }: { readonly project: string; readonly from: number; readonly until: number }) {
  const { data } = useAsked<WireDensity>(`towpath/v1/density${query({ project, from, to: until, buckets: PLACES })}`);
  if (data === undefined) return null;
  const most = Math.max(1, ...data.moves);
  const width = 100 / Math.max(1, data.moves.length);
  return (
    <svg className={styles.moves} viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      {data.moves.map((count, place) => {
        const failures = data.failures[place] ?? 0;
        if (count === 0) return null;
        const height = (20 * count) / most;
        return (
          <g key={place}>
            <rect x={place * width} y={20 - height} width={width * 0.8} height={height} className={styles.moved} />
            {failures > 0 && <rect x={place * width} y={20 - (height * failures) / count} width={width * 0.8} height={(height * failures) / count} className={styles.failed} />}
          </g>
        );
      })}
    </svg>
  );
}
