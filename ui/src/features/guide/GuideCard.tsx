import { useId } from "react";
import { Link } from "@tanstack/react-router";
import { Icon } from "@/shared/parts/Icon.tsx";
import page from "@/shared/parts/page.module.css";
import { STEPS, type Step } from "./steps.ts";
import styles from "./guide.module.css";

export interface GuideCardProps {
  /** The Project that is led through. */
  readonly project: string;
  readonly step: Step;
  readonly onAway: () => void;
}

/** One step of a first move: what to look at, and what to do. */
export function GuideCard({ project, step, onAway }: GuideCardProps) {
  const id = useId();
  return (
    <aside className={styles.guide} aria-labelledby={id} data-guide={step.number}>
      <div className={styles.text}>
        <h2 id={id}>
          Your first move, {step.number} of {STEPS.length}: {step.title}
        </h2>
        <p role="status">{step.text}</p>
      </div>
      {step.number === 1 && (
        <Link to="/p/$project" params={{ project }} className={page.button}>
          Open {project}
        </Link>
      )}
      <button type="button" className={page.button} onClick={onAway}>
        {step.number === STEPS.length ? "Done" : "Not now"} <Icon name={step.number === STEPS.length ? "check" : "close"} />
      </button>
    </aside>
  );
}
