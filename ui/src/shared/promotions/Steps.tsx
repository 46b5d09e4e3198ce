import { useState, type ReactNode } from "react";
import { useNow } from "../services.ts";
import { Glyph } from "../state/Glyph.tsx";
import { span } from "../time/words.ts";
import { barOf, opensItself, type PromotionInfo, type StepInfo } from "./read.ts";
import styles from "./promotions.module.css";

export interface StepsProps {
  readonly promotion: PromotionInfo;
  /** What an open step shows; without it steps do not open. */
  readonly inside?: (step: StepInfo) => ReactNode;
  /** A step that the address names: it is open from the start. */
  readonly wanted?: string | undefined;
}

/** Steps in their order, their times as bars on one axis. What runs and what failed opens itself. */
export function Steps({ promotion, inside, wanted }: StepsProps) {
  const now = useNow(1);
  const [toggled, setToggled] = useState<Readonly<Record<string, boolean>>>({});
  const from = promotion.start;
  const to = promotion.end || Math.max(now, from + 1);
  return (
    <ol className={styles.steps} aria-label="Steps">
      {promotion.steps.map((step) => {
        const isOpen = inside !== undefined && (toggled[step.alias] ?? (step.alias === wanted || opensItself(step)));
        const bar = barOf(step, from, Math.max(to, from + 1), now);
        const line = (
          <>
            <Glyph role={step.meaning.role} size={16} />
            <span className={styles.alias}>{step.alias}</span>
            <span className={styles.kind}>{step.kind}</span>
            <span className={styles.axis} aria-hidden="true">
              {bar !== null && <span className={`${styles.bar} ${styles[step.meaning.role]}`} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />}
            </span>
            <span className={styles.time}>{step.start === 0 ? "–" : step.end === step.start ? "< 1 s" : span((step.end || now) - step.start)}</span>
            <span className={styles.result}>
              <span className={step.meaning.role === "ok" ? "hidden" : styles.word}>{step.meaning.word}</span>
              {step.errors > 0 && ` · ${step.errors} ${step.errors === 1 ? "error" : "errors in a row"}`}
              {step.result !== "" && <span> {step.result}</span>}
            </span>
          </>
        );
        return (
          <li key={step.alias} data-step={step.alias} data-status={step.status}>
            {inside === undefined ? (
              <span className={styles.step}>{line}</span>
            ) : (
              <button type="button" className={styles.step} aria-expanded={isOpen} onClick={() => setToggled((was) => ({ ...was, [step.alias]: !isOpen }))}>
                {line}
              </button>
            )}
            {isOpen && <div className={styles.inside}>{inside(step)}</div>}
          </li>
        );
      })}
      {promotion.steps.length === 0 && <li className={styles.muted}>It has no steps yet.</li>}
    </ol>
  );
}
