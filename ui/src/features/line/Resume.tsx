import { useId } from "react";
import type { WireLine } from "@/shared/api/documents.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { person } from "@/shared/people.ts";
import { useNow } from "@/shared/services.ts";
import { exactly, moment } from "@/shared/time/words.ts";
import { Names } from "./Standing.tsx";
import { count, lastStop } from "./read.ts";
import type { LineMoves } from "./useLine.ts";
import styles from "./line.module.css";

/** That the line is stopped, by whom and why, and the button that resumes it. */
export function Resume({ line, moves }: { readonly line: WireLine; readonly moves: LineMoves }) {
  const title = useId();
  const now = useNow(10);
  const { stopped, toResume } = line;
  // The newest stop: who comes now wants to hear of that one.
  const newest = lastStop(line);
  if (newest === null) return null;
  const left = stopped.length - toResume.length;
  return (
    <section className={styles.stopped} aria-labelledby={title} data-line="stopped">
      <h3 id={title}>The line is stopped</h3>
      <p>
        {count(stopped)} held, last by {person(newest.actor)}
        {newest.since > 0 && (
          <>
            {" "}
            <time title={exactly(newest.since)}>{moment(newest.since, now)}</time>
          </>
        )}
        {newest.reason === "" ? "" : `: ${newest.reason}`}
      </p>
      <Names names={stopped} />
      <p>Resuming promotes nothing by itself; auto-promotion goes on, and newer Freight may come soon after it. Holds of others stay.</p>
      {left > 0 && <p className={styles.muted}>{left} of them are not for you to resume.</p>}
      <ActButton look="primary" isBusy={moves.isSending} why={toResume.length === 0 ? "You have no right to promote there." : ""} onClick={() => void moves.send("resume")}>
        {`Resume the line: ${count(toResume)}`}
      </ActButton>
    </section>
  );
}
