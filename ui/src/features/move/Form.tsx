import { useMemo, useState } from "react";
import type { WireBoard } from "@/shared/api/documents.ts";
import { useMoving, type MoveKind } from "@/shared/moves/address.ts";
import { useLiveness } from "@/shared/services.ts";
import { Changes } from "./Changes.tsx";
import { Footer } from "./Footer.tsx";
import { FreightChoice } from "./FreightChoice.tsx";
import { Gates } from "./Gates.tsx";
import { Outcome } from "./Outcome.tsx";
import { PlanView } from "./PlanView.tsx";
import { Refused } from "./Refused.tsx";
import { Sentence } from "./Sentence.tsx";
import { Targets } from "./Targets.tsx";
import { useDraft } from "./draft.ts";
import { downstreamOf, freightOf, stageOf } from "./read.ts";
import { useConfirm } from "./useConfirm.ts";
import { useExplained } from "./useExplained.ts";
import { ManyPlanView, MOST_PLANNED } from "./ManyPlanView.tsx";
import { useManyPlan, usePlan, type ShownManyPlan } from "./usePlan.ts";
import { PROMOTING, verdict } from "./words.ts";
import styles from "./move.module.css";

export interface FormProps {
  readonly project: string;
  readonly kind: MoveKind;
  readonly board: WireBoard;
  readonly stages: readonly string[];
  /** The Freight by name or alias; empty: the kind of move says which, or somebody chooses. */
  readonly wanted: string;
  readonly isWide: boolean;
  readonly onWide: (isWide: boolean) => void;
}

/** All sections at once: what, what changes, the plan, the gates, why, and the button. */
export function Form({ project, kind, board, stages, wanted, isWide, onWide }: FormProps) {
  const moving = useMoving();
  const { mayAct } = useLiveness();
  const all = useMemo(() => (kind === "downstream" ? downstreamOf(board, stages) : stages), [kind, board, stages]);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isSkipped, setSkipped] = useState(false);
  const { draft, change, keep } = useDraft(`${kind}|${stages.join(",")}|${wanted}`, board.rev);
  const confirming = useConfirm(project);
  const chosen = all.filter((each) => !left.has(each));
  const targets = chosen.map((each) => stageOf(board, each));
  const isPromotion = PROMOTING.includes(kind);
  const only = all.length === 1 ? (all[0] ?? "") : "";
  const plan = usePlan({ project, stage: only, freight: wanted, isRollback: kind === "rollback", isWanted: isPromotion && only !== "" && !isSkipped && (wanted !== "" || kind === "rollback") });
  const isMany = isPromotion && kind !== "rollback" && all.length > 1;
  const many = useManyPlan({ project, stages: all, freight: wanted, isWanted: isMany && all.length <= MOST_PLANNED && wanted !== "" && !isSkipped });
  const named = wanted || (kind === "rollback" ? (plan.plan?.freight ?? "") : "");
  const freight = named === "" ? null : freightOf(board, named);
  const explained = useExplained(project, isPromotion || kind === "approve" ? only : "", named, board.rev);
  const found = verdict({
    kind,
    targets,
    freight,
    reason: draft.reason,
    isLive: mayAct,
    isSending: confirming.isSending,
    plan: isMany ? many.state : plan.state,
    gates: explained.explanation?.gates ?? null,
  });
  const confirm = async () => {
    if (!found.canConfirm) return;
    keep();
    const planId = isMany ? plannedFor(many, chosen) : isPromotion && only !== "" && plan.state === "made" ? (plan.plan?.id ?? "") : "";
    const isWithFreight = isPromotion || kind === "approve" || kind === "quarantine" || kind === "release";
    const made = await confirming.send({ kind, stages: chosen, freight: isWithFreight ? named : "", reason: draft.reason, planId, ifRev: draft.rev, key: draft.key });
    const promotions = (made ?? []).flatMap((each) => each.promotion ?? []);
    // A key is for one answer: what was refused is asked for anew.
    if (made?.every((each) => each.result === "refused") === true) change({ key: crypto.randomUUID() });
    if (promotions.length > 0 && made?.every((each) => each.result === "promoted")) moving.made(promotions);
  };
  const lookAgain = () => {
    change({ rev: board.rev, key: crypto.randomUUID() });
    confirming.again();
    plan.renew();
    many.renew();
  };
  const done = confirming.targets;
  // Where all of it was refused the sheet stays as it was, with what was typed.
  const isDone = done?.some((each) => each.result !== "refused") === true;
  return (
    <>
      <div className={styles.body}>
        <Sentence kind={kind} board={board} targets={targets} freight={freight} />
        {wanted === "" && (kind === "promote" || kind === "downstream" || kind === "approve") && <FreightChoice board={board} stages={all} onChoose={(name) => moving.open(kind, stages, name)} />}
        {done !== null && <Outcome targets={done} />}
        {!isDone && all.length > 1 && (
          <Targets
            project={project}
            board={board}
            stages={all.map((each) => stageOf(board, each))}
            chosen={new Set(chosen)}
            freight={freight}
            plan={many.plan}
            isPromotion={isPromotion}
            isRollback={kind === "rollback"}
            onChoose={(stage, isChosen) => setLeft((was) => new Set(isChosen ? [...was].filter((each) => each !== stage) : [...was, stage]))}
          />
        )}
        {!isDone && isMany && wanted !== "" && <ManyPlanView shown={many} stages={all.length} onSkip={() => setSkipped(true)} />}
        {confirming.refusal !== null && <Refused refusal={confirming.refusal} onAgain={lookAgain} />}
        {!isDone && isPromotion && only !== "" && named !== "" && <Changes project={project} stage={only} freight={named} isRollback={kind === "rollback"} />}
        {!isDone && isPromotion && only !== "" && (wanted !== "" || kind === "rollback") && (
          <PlanView project={project} shown={plan} isSplit={isWide} onSplit={onWide} onSkip={kind === "rollback" && wanted === "" ? undefined : () => setSkipped(true)} />
        )}
        {!isDone && (isPromotion || kind === "approve") && only !== "" && named !== "" && (
          <Gates explained={explained} kind={kind} project={project} stage={only} freight={named} />
        )}
      </div>
      <Footer
        verdict={found}
        reason={draft.reason}
        isNeeded={kind === "quarantine"}
        isDone={isDone}
        onReason={(reason) => change({ reason })}
        onConfirm={() => void confirm()}
        onCancel={moving.close}
        promotions={(done ?? []).flatMap((each) => each.promotion ?? [])}
        onWatch={moving.made}
      />
    </>
  );
}

/** The plan of several, where it has all that are chosen: the server refuses one that has not. */
function plannedFor({ state, plan }: ShownManyPlan, chosen: readonly string[]): string {
  const isPlanned = (stage: string) => plan?.targets?.some((each) => each.stage === stage && each.result !== "Refused") === true;
  return state === "made" && chosen.every(isPlanned) ? (plan?.id ?? "") : "";
}
