import { useId } from "react";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import type { MoveKind } from "@/shared/moves/address.ts";
import { AndThen } from "@/shared/why/AndThen.tsx";
import { Remedied } from "@/shared/why/Remedied.tsx";
import { Soonest } from "@/shared/why/Soonest.tsx";
import { GateLine } from "@/shared/why/WhyPanel.tsx";
import type { Explained } from "./useExplained.ts";
import styles from "./move.module.css";

export interface GatesProps {
  readonly explained: Explained;
  readonly kind: MoveKind;
  readonly project: string;
  readonly stage: string;
  /** Its name or alias. */
  readonly freight: string;
}

/** What stands between the Freight and the Stage, when it opens and who can open it, the button that does, and what follows. */
export function Gates({ explained, kind, project, stage, freight }: GatesProps) {
  const title = useId();
  const { explanation, error, retry } = explained;
  const gates = explanation?.gates ?? [];
  const shut = gates.filter((each) => !each.isOpen);
  const open = gates.filter((each) => each.isOpen);
  return (
    <section className={styles.section} aria-labelledby={title} data-gates={explanation === null ? "asked" : "told"}>
      <h3 id={title}>Gates</h3>
      {error !== null && <Problem what="The gates" error={error} retry={retry} />}
      {explanation === null && error === null && <Loading what="the gates" rows={2} />}
      {explanation !== null && <p data-why="summary">{explanation.summary}</p>}
      {explanation !== null && <Soonest explanation={explanation} />}
      {shut.length > 0 && (
        <ol>
          {shut.map((each) => (
            <GateLine key={each.name} project={project} gate={each} remedy={<Remedied project={project} stage={stage} freight={freight} gate={each} without={kind === "rollback" ? "promote" : kind} />} />
          ))}
        </ol>
      )}
      {open.length > 0 && (
        <details className={styles.more}>
          <summary>
            {open.length} {open.length === 1 ? "gate is" : "gates are"} open
          </summary>
          <ol>
            {open.map((each) => (
              <GateLine key={each.name} project={project} gate={each} />
            ))}
          </ol>
        </details>
      )}
      {explanation !== null && <AndThen explanation={explanation} stage={stage} />}
    </section>
  );
}
