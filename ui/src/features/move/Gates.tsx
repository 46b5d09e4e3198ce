import { useId } from "react";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import type { MoveKind } from "@/shared/moves/address.ts";
import { GateLine } from "@/shared/why/WhyPanel.tsx";
import { ordered, summary } from "@/shared/why/read.ts";
import type { Explained } from "./useExplained.ts";
import styles from "./move.module.css";

export interface GatesProps {
  readonly explained: Explained;
  readonly kind: MoveKind;
  /** What the caller may do to the Stage. */
  readonly may: readonly string[];
  readonly onApprove: () => void;
  readonly onResume: () => void;
}

/** Those that an approval opens. */
const APPROVED = ["verified", "soaked"];

/** What stands between the Freight and the Stage, and the button that helps. */
export function Gates({ explained, kind, may, onApprove, onResume }: GatesProps) {
  const title = useId();
  const { explanation, error, retry } = explained;
  const gates = explanation === null ? [] : ordered(explanation.gates);
  const shut = gates.filter((each) => !each.isOpen);
  const open = gates.filter((each) => each.isOpen);
  const helpsApproval = kind !== "approve" && shut.some((each) => APPROVED.includes(each.name));
  const helpsResuming = kind !== "resume" && shut.some((each) => each.name === "hold");
  return (
    <section className={styles.section} aria-labelledby={title} data-gates={explanation === null ? "asked" : "told"}>
      <h3 id={title}>Gates</h3>
      {error !== null && <Problem what="The gates" error={error} retry={retry} />}
      {explanation === null && error === null && <Loading what="the gates" rows={2} />}
      {explanation !== null && <p data-why="summary">{summary(explanation)}</p>}
      {shut.length > 0 && (
        <ol>
          {shut.map((each) => (
            <GateLine key={each.name} gate={each} />
          ))}
        </ol>
      )}
      {(helpsApproval || helpsResuming) && (
        <p className={styles.helps}>
          You can:{" "}
          {helpsApproval && (
            <button type="button" className={styles.button} disabled={!may.includes("approve")} title={may.includes("approve") ? undefined : "You have no right to approve here"} onClick={onApprove}>
              Approve it for this Stage
            </button>
          )}
          {helpsResuming && (
            <button type="button" className={styles.button} disabled={!may.includes("hold")} title={may.includes("hold") ? undefined : "You have no right to end holds here"} onClick={onResume}>
              End the hold
            </button>
          )}
        </p>
      )}
      {open.length > 0 && (
        <details className={styles.more}>
          <summary>
            {open.length} {open.length === 1 ? "gate is" : "gates are"} open
          </summary>
          <ol>
            {open.map((each) => (
              <GateLine key={each.name} gate={each} />
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}
