import { useState, type SyntheticEvent } from "react";
import type { WireLine } from "@/shared/api/documents.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";
import { Running } from "./Running.tsx";
import { Standing } from "./Standing.tsx";
import { MOST_REASON, count } from "./read.ts";
import type { LineMoves } from "./useLine.ts";
import styles from "./line.module.css";

export interface StopProps {
  readonly project: string;
  readonly line: WireLine;
  readonly moves: LineMoves;
}

/** What a stop would hold and what it would not, why it is made, and the button, which is there once the Project's name is typed. */
export function Stop({ project, line, moves }: StopProps) {
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const isNothing = line.toHold.length === 0;
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    void moves.send("hold", reason.trim());
  };
  return (
    <>
      <section className={styles.section} aria-label="What it does">
        <p className={styles.what}>
          Auto-promotion stands still: what is in each Stage stays, until somebody resumes the line, or promotes the newest Freight to a Stage by hand.
        </p>
        <p>
          <strong>It does not stop</strong> people, who may still promote, nor Promotions that run or wait for their turn: those go on.
        </p>
      </section>
      <Standing line={line} />
      <Running project={project} line={line} />
      {isNothing ? (
        <p className={styles.nothing} role="status">
          There is nothing left to hold in {project}.
        </p>
      ) : (
        <form className={page.form} onSubmit={onSubmit} aria-label={`Stop the line of ${project}`}>
          <Field label="Reason (kept on record, and shown at each Stage)" rows={2} most={MOST_REASON} value={reason} onChange={setReason} />
          <Field label={`Type ${project} to confirm`} value={typed} onChange={setTyped} />
          <div className={styles.act} data-line="stop">
            <ActButton look="danger" type="submit" isBusy={moves.isSending} why={typed.trim() === project ? "" : `Type ${project} first.`}>
              {moves.isSending ? `Hold ${count(line.toHold)}: sending` : `Hold ${count(line.toHold)} of ${project}`}
            </ActButton>
          </div>
        </form>
      )}
      {moves.error !== "" && (
        <p role="alert" className={page.refused}>
          {moves.isUnknown ? `It is not known whether it was done: ${moves.error}. Confirm again: nothing is done twice.` : `Nothing was done: ${moves.error}`}
        </p>
      )}
    </>
  );
}
