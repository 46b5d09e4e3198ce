import { Link } from "@tanstack/react-router";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Progress } from "@/shared/promotions/Progress.tsx";
import { Steps } from "@/shared/promotions/Steps.tsx";
import { usePromotion } from "@/shared/promotions/usePromotion.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import type { Target } from "@/shared/moves/made.ts";
import { RESULTS } from "./words.ts";
import styles from "./move.module.css";

/** What became of each target, of those that did not become a Promotion. */
export function Outcome({ targets }: { readonly targets: readonly Target[] }) {
  const told = targets.filter((each) => each.result !== "promoted");
  if (told.length === 0) return null;
  return (
    <ul className={styles.outcome} aria-label="Results">
      {told.map((each) => (
        <li key={each.stage} data-result={each.result}>
          <Glyph role={each.result === "refused" ? "fail" : "ok"} size={16} />
          <div>
            <p>
              <strong>{each.stage || "The Freight"}</strong> {RESULTS[each.result] ?? each.result}
            </p>
            {each.error !== undefined && <p className={styles.muted}>{each.error}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** A Promotion that the sheet has become. */
export function Live({ project, name }: { readonly project: string; readonly name: string }) {
  const { promotion, waits, error, retry } = usePromotion(project, name);
  return (
    <section className={styles.section} aria-label={`Promotion ${name}`} data-promotion={name}>
      {error !== null && <Problem what={`Promotion ${name}`} error={error} retry={retry} />}
      {promotion === null && error === null && (
        <>
          <p>Sent. It waits for its turn.</p>
          <Loading what={`Promotion ${name}`} rows={3} />
        </>
      )}
      {promotion !== null && (
        <>
          <p className={styles.what}>
            <strong>{promotion.stage}</strong>{" "}
            <Link to="/p/$project/promotion/$id" params={{ project, id: name }}>
              Open the Promotion
            </Link>
          </p>
          <Progress promotion={promotion} waits={waits} />
          <Steps promotion={promotion} />
        </>
      )}
    </section>
  );
}
