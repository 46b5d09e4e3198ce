import { useId } from "react";
import { Problem } from "@/shared/parts/Panel.tsx";
import { useNow } from "@/shared/services.ts";
import { span } from "@/shared/time/words.ts";
import { PlanFiles } from "./PlanFiles.tsx";
import type { Plan, Variant } from "./read.ts";
import { Outdated } from "./Outdated.tsx";
import type { ShownPlan } from "./usePlan.ts";
import styles from "./plan.module.css";

export interface PlanViewProps {
  readonly project: string;
  readonly shown: ShownPlan;
  readonly isSplit: boolean;
  readonly onSplit: (isSplit: boolean) => void;
  /** Go on without it. */
  readonly onSkip: (() => void) | undefined;
}

/** What the promotion would do, told before it does anything: files, calls, and what changes nothing. */
export function PlanView({ project, shown, isSplit, onSplit, onSkip }: PlanViewProps) {
  const title = useId();
  const { plan, state } = shown;
  return (
    <section className={styles.section} aria-labelledby={title} data-plan={state}>
      <h3 id={title}>Plan</h3>
      {state === "none" && <p className={styles.muted}>It is confirmed without a plan.</p>}
      {state === "making" && (
        <p className={styles.making} role="status">
          The server runs the steps on copies, to see what they would do. Nothing is pushed or called.{" "}
          {onSkip !== undefined && (
            <button type="button" className={styles.link} onClick={onSkip}>
              Do not wait for it
            </button>
          )}
        </p>
      )}
      {state === "failed" && <Problem what="The plan" error={shown.error} retry={shown.renew} />}
      {state === "outdated" && <Outdated outdated={shown.outdated} onRenew={shown.renew} />}
      {plan !== null && <Made key={plan.id} project={project} plan={plan} isSplit={isSplit} onSplit={onSplit} />}
    </section>
  );
}

function Made({ project, plan, isSplit, onSplit }: { readonly project: string; readonly plan: Plan; readonly isSplit: boolean; readonly onSplit: (isSplit: boolean) => void }) {
  const now = useNow(10);
  return (
    <>
      <p className={styles.muted}>
        Made {span(now - Date.parse(plan.plannedAt) / 1000)} ago
        {plan.bases.map((base) => (
          <span key={`${base.repository} ${base.ref}`}>
            {" · built on "}
            {repositoryName(base.repository)} {base.ref} at <code>{base.commit.slice(0, 7)}</code>
          </span>
        ))}
      </p>
      {plan.variants.map((variant, place) => (
        <OneVariant key={place} project={project} planId={plan.id} variant={variant} isSplit={isSplit} onSplit={onSplit} />
      ))}
      {plan.hasMoreVariants && <p className={styles.muted}>There are more ways that it may go than are told here.</p>}
    </>
  );
}

interface OneVariantProps {
  readonly project: string;
  readonly planId: string;
  readonly variant: Variant;
  readonly isSplit: boolean;
  readonly onSplit: (isSplit: boolean) => void;
}

function OneVariant({ project, planId, variant, isSplit, onSplit }: OneVariantProps) {
  const idle = variant.steps.filter((each) => each.changes !== true).map((each) => each.step);
  const waits = variant.steps.filter((each) => (each.waitsFor ?? "") !== "");
  const unknown = variant.steps.filter((each) => (each.unknown ?? "") !== "");
  return (
    <div className={styles.variant}>
      {variant.assumes.length > 0 && (
        <p className={styles.assumes}>
          {variant.assumes.map((each) => `If step ${each.step} ${each.holds ? "runs" : "is passed over"} (${each.if})`).join(", and ")}:
        </p>
      )}
      {variant.result !== "Succeeded" && variant.result !== "" && variant.result !== "Running" && (
        <p className={styles.fails}>
          It would end as {variant.result}
          {variant.message === "" ? "" : `: ${variant.message}`}
        </p>
      )}
      <PlanFiles project={project} planId={planId} variant={variant} isSplit={isSplit} onSplit={onSplit} />
      {variant.calls.length > 0 && (
        <ol className={styles.calls} aria-label="Calls, in order">
          {variant.calls.map((each, place) => (
            <li key={place}>
              <strong>{each.operation}</strong> {each.what} <span className={styles.muted}>{each.step}</span>
            </li>
          ))}
        </ol>
      )}
      {variant.pushes.map((each, place) => (
        <p key={place} className={styles.muted}>
          Pushes {each.files.length} {each.files.length === 1 ? "file" : "files"} to {repositoryName(each.repository)} {each.branch}
          {each.base === "" ? ", a new branch" : ` on top of ${each.base.slice(0, 7)}`}
          {each.force ? ", by force" : ""}
        </p>
      ))}
      {waits.map((each) => (
        <p key={each.step} className={styles.muted}>
          Step {each.step} waits for {each.waitsFor}
        </p>
      ))}
      {unknown.map((each) => (
        <p key={each.step} className={styles.muted}>
          Step {each.step}: not known before it runs, {each.unknown}
        </p>
      ))}
      {variant.notes.map((each) => (
        <p key={each} className={styles.note}>
          {each}
        </p>
      ))}
      {idle.length > 0 && (
        <p className={styles.muted}>
          {idle.length} {idle.length === 1 ? "step changes" : "steps change"} nothing by {idle.length === 1 ? "itself" : "themselves"}: {idle.join(", ")}
        </p>
      )}
    </div>
  );
}

/** The end of an address that tells it from others. */
function repositoryName(url: string): string {
  return url.replace(/\.git$/, "").split(/[/:]/).slice(-2).join("/");
}
