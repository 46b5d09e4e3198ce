import { useEffect, useRef } from "react";
import type { WireLine } from "@/shared/api/documents.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import page from "@/shared/parts/page.module.css";
import { Glyph } from "@/shared/state/Glyph.tsx";
import type { Role } from "@/shared/state/roles.ts";
import { Running } from "./Running.tsx";
import { Names } from "./Standing.tsx";
import { count } from "./read.ts";
import type { LineMove } from "./useLine.ts";
import styles from "./line.module.css";

const REFUSED: Role = "fail";

export interface DoneProps {
  readonly project: string;
  readonly done: LineMove;
  readonly line: WireLine;
  /** Why what was asked for after it was not done; empty: nothing was, or all is well. */
  readonly error: string;
  readonly isSending: boolean;
  readonly onResume: () => void;
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
          It was not answered: {error}. Close this and open it again: it says what is held by then.
        </p>
      )}
      {isHold && <Running project={project} line={line} />}
      <div className={styles.act}>
        {isHold && line.toResume.length > 0 && (
          <ActButton isBusy={isSending} onClick={onResume}>
            {`Resume the line: ${count(line.toResume)}`}
          </ActButton>
        )}
        <button type="button" className={page.primary} onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
