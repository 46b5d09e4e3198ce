import { useEffect, useRef } from "react";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import page from "@/shared/parts/page.module.css";
import { Glyph } from "@/shared/state/Glyph.tsx";
import type { Role } from "@/shared/state/roles.ts";
import { Running } from "./Running.tsx";
import { Names } from "./Standing.tsx";
import { count, type Line } from "./read.ts";
import type { LineMove } from "./useLine.ts";
import styles from "./line.module.css";

const REFUSED: Role = "fail";

export interface DoneProps {
  readonly project: string;
  readonly done: LineMove;
  readonly line: Line;
  /** Why not all of it was done; empty: all was answered. */
  readonly error: string;
  readonly isSending: boolean;
  readonly onResume: (stages: readonly string[]) => void;
  readonly onClose: () => void;
}

/** What was held or resumed and what was refused, and the way back. */
export function Done({ project, done, line, error, isSending, onResume, onClose }: DoneProps) {
  const head = useRef<HTMLHeadingElement>(null);
  // The form is gone, and with it what had the focus.
  useEffect(() => head.current?.focus(), [done]);
  const well = done.targets.filter((each) => each.result !== "refused").map((each) => each.stage);
  const refused = done.targets.filter((each) => each.result === "refused");
  const isHold = done.kind === "hold";
  return (
    <>
      <section className={styles.section} data-line={isHold ? "held" : "resumed"}>
        <h3 ref={head} tabIndex={-1}>
          {count(well)} of {project} {isHold ? "held" : "resumed"}
        </h3>
        <Names names={well} />
        {!isHold && <p>Auto-promotion goes on there: newer Freight may come soon.</p>}
      </section>
      {refused.length > 0 && (
        <section className={styles.section} aria-label="Refused">
          <h3>
            {count(refused)} not {isHold ? "held" : "resumed"}
          </h3>
          <ul className={styles.standing}>
            {refused.map((each) => (
              <li key={each.stage}>
                <Glyph role={REFUSED} size={16} />
                <p>
                  <strong>{each.stage}</strong> {each.error}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      {error !== "" && (
        <p role="alert" className={page.refused}>
          Not all of it was answered: {error}. Close this and open it again: it says what is held by then.
        </p>
      )}
      {isHold && <Running project={project} line={line} />}
      <div className={styles.act}>
        {isHold && well.length > 0 && (
          <ActButton isBusy={isSending} onClick={() => onResume(well)}>
            {`Resume the line: ${count(well)}`}
          </ActButton>
        )}
        <button type="button" className={page.primary} onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
