import { useId } from "react";
import { Problem } from "@/shared/parts/Panel.tsx";
import { useNow } from "@/shared/services.ts";
import { span } from "@/shared/time/words.ts";
import { Outdated } from "./Outdated.tsx";
import { amounts } from "./read.ts";
import type { ShownManyPlan } from "./usePlan.ts";
import styles from "./plan.module.css";

/** More Stages than that are planned one at a time, when somebody looks. */
export const MOST_PLANNED = 50;

/** What a move of several Stages would do, all of it together: what it would do to each stands with the target. */
export function ManyPlanView({ shown, stages, onSkip }: { readonly shown: ShownManyPlan; readonly stages: number; readonly onSkip: () => void }) {
  const title = useId();
  const now = useNow(10);
  const { plan, state } = shown;
  if (stages > MOST_PLANNED) return <p className={styles.muted}>Plans are made for at most {MOST_PLANNED} Stages at once: open one above to see what it would do there.</p>;
  if (state === "none") return null;
  const refused = (plan?.targets ?? []).filter((each) => each.result === "Refused");
  return (
    <section className={styles.section} aria-labelledby={title} data-plan={state}>
      <h3 id={title}>Plan</h3>
      {state === "making" && (
        <p className={styles.making} role="status">
          What it would do to {stages} Stages is being found out.{" "}
          <button type="button" className={styles.link} onClick={onSkip}>
            Do not wait for it
          </button>
        </p>
      )}
      {state === "failed" && <Problem what="The plan" error={shown.error} retry={shown.renew} />}
      {state === "outdated" && <Outdated outdated={shown.outdated} onRenew={shown.renew} />}
      {plan !== null && (
        <p>
          All together: <strong>{amounts(plan.sum ?? {})}</strong>
          <span className={styles.muted}> · made {span(Math.max(0, now - Date.parse(plan.plannedAt) / 1000))} ago</span>
        </p>
      )}
      {refused.map((each) => (
        <p key={each.stage} className={styles.fails}>
          {each.stage}: nothing could be planned{(each.msg ?? "") === "" ? "" : `, ${each.msg ?? ""}`}
        </p>
      ))}
    </section>
  );
}
