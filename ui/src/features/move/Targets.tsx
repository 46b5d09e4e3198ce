import { useMemo, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { WireBoard, WireLens } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { useNow, useServices } from "@/shared/services.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { LENS, meaning } from "@/shared/state/roles.ts";
import { exactly, zoned } from "@/shared/time/words.ts";
import { Version } from "@/shared/parts/Version.tsx";
import { Changes } from "./Changes.tsx";
import { PlanView } from "./PlanView.tsx";
import { amounts, freightOf, type FreightBrief, type ManyPlan, type PlanTarget, type StageBrief } from "./read.ts";
import { usePlan } from "./usePlan.ts";
import styles from "./move.module.css";

export interface TargetsProps {
  readonly project: string;
  readonly board: WireBoard;
  readonly stages: readonly StageBrief[];
  readonly chosen: ReadonlySet<string>;
  readonly freight: FreightBrief | null;
  /** What the one plan of all of them has; null where there is none. */
  readonly plan: ManyPlan | null;
  readonly isPromotion: boolean;
  readonly isRollback: boolean;
  readonly onChoose: (stage: string, isChosen: boolean) => void;
}

/** Many targets: each with what is there, whether the Freight can go there, and, when it is opened, what would change. */
export function Targets({ project, board, stages, chosen, freight, plan, isPromotion, isRollback, onChoose }: TargetsProps) {
  const { api } = useServices();
  const { data } = useQuery({
    queryKey: ["lens", project, freight?.name, board.rev],
    queryFn: ({ signal }) => api.get<WireLens>(path`towpath/v1/projects/${project}/lens` + query({ freight: freight?.name }), signal),
    enabled: isPromotion && freight !== null,
    placeholderData: (before, query) => (query?.queryKey[2] === freight?.name ? before : undefined),
  });
  const now = useNow(10);
  return (
    <ul className={styles.targets} aria-label="Targets">
      {stages.map((stage) => {
        const [state, gate, opensAt] = data?.stages[stage.name] ?? [];
        const planned = plan?.targets?.find((each) => each.stage === stage.name);
        const lens = state === undefined ? null : meaning(LENS, state);
        return (
          <li key={stage.name} data-target={stage.name}>
            <label className={styles.target}>
              <input type="checkbox" checked={chosen.has(stage.name)} onChange={(event) => onChoose(stage.name, event.target.checked)} />
              <strong>{stage.name}</strong>
              <span className={styles.muted}>
                {stage.freight.length === 0 ? "empty" : stage.freight.map((each) => freightOf(board, each).versions[0] ?? each.slice(0, 7)).map((each) => <Version key={each} text={each} />)}
              </span>
              {lens !== null && (
                <span className={styles.lens}>
                  <Glyph role={lens.role} /> {lens.word}
                  {state === "waits" && typeof gate === "string" ? `: ${gate}` : ""}
                  {typeof opensAt === "number" && opensAt > 0 && (
                    <>
                      {", opens "}
                      <time title={exactly(opensAt)}>{zoned(opensAt, now)}</time>
                    </>
                  )}
                </span>
              )}
            </label>
            {planned !== undefined && <Amounts planned={planned} />}
            {(isPromotion || isRollback) && <Detail project={project} stage={stage.name} freight={freight?.name ?? ""} isRollback={isRollback} />}
          </li>
        );
      })}
    </ul>
  );
}

/** What the plan of all says of one: how much, and which files and calls first. */
function Amounts({ planned }: { readonly planned: PlanTarget }) {
  if (planned.result === "Refused") return null;
  const isWell = planned.result === "Succeeded" || planned.result === "Running" || planned.result === "";
  return (
    <p className={styles.muted} data-planned={planned.stage}>
      {isWell ? "" : `It would end as ${planned.result}${(planned.msg ?? "") === "" ? "" : `: ${planned.msg ?? ""}`}. `}
      {amounts(planned.counts ?? {})}
      {(planned.files ?? []).slice(0, 3).map((each) => (
        <span key={each.id}>
          {" · "}
          {each.path} +{each["+"] ?? 0} −{each["-"] ?? 0}
        </span>
      ))}
      {(planned.calls ?? []).slice(0, 3).map((each) => (
        <span key={`${each.step} ${each.operation} ${each.what}`}>
          {" · "}
          {each.operation} {each.what}
        </span>
      ))}
    </p>
  );
}

/** What a single one of many would change: planned when somebody looks. */
function Detail({ project, stage, freight, isRollback }: { readonly project: string; readonly stage: string; readonly freight: string; readonly isRollback: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const [isSplit, setSplit] = useState(false);
  const plan = usePlan({ project, stage, freight, isRollback, isWanted: isOpen });
  const planned = useMemo(() => freight || plan.plan?.freight || "", [freight, plan.plan]);
  return (
    <details className={styles.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What would change in {stage}</summary>
      {isOpen && (
        <div className={styles.nested}>
          <Changes project={project} stage={stage} freight={planned} isRollback={isRollback} />
          <PlanView project={project} shown={plan} isSplit={isSplit} onSplit={setSplit} onSkip={undefined} />
        </div>
      )}
    </details>
  );
}
