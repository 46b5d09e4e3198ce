import { useId, type ReactNode } from "react";
import styles from "./page.module.css";

export interface SectionProps {
  readonly title: string;
  /** Beside the title: how many, or that there are none. */
  readonly note?: ReactNode;
  readonly children?: ReactNode;
}

/** A part of a page, found by its heading. */
export function Section({ title, note, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <div className={styles.sectionHead}>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span className={styles.muted}>{note}</span>}
      </div>
      {children}
    </section>
  );
}
