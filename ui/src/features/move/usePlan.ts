import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useServices } from "@/shared/services.ts";
import type { Plan } from "./read.ts";
import type { PlanState } from "./words.ts";

/** How often it is asked whether a plan that is looked at still holds: repositories tell nobody when they move. */
const ASKED_EVERY = 1_500;
/** After so many times it is asked less often: nobody looks at one sheet for long. */
const OFTEN = 120;
const ASKED_SELDOM = 15_000;

export interface ShownPlan {
  readonly state: PlanState;
  readonly plan: Plan | null;
  /** What has changed since it was made. */
  readonly outdated: readonly string[];
  readonly error: unknown;
  readonly renew: () => void;
}

export interface PlanOf {
  readonly project: string;
  readonly stage: string;
  /** Its name or alias; empty: what a rollback goes back to. */
  readonly freight: string;
  readonly isRollback: boolean;
  readonly isWanted: boolean;
}

/** What a promotion would do, made by the server when it is first shown, and looked after from then on. */
export function usePlan({ project, stage, freight, isRollback, isWanted }: PlanOf): ShownPlan {
  const { api } = useServices();
  const [round, setRound] = useState(0);
  const base = `towpath/v1/projects/${encodeURIComponent(project)}`;
  const made = useQuery({
    queryKey: ["plan", project, stage, freight, isRollback, round],
    queryFn: async () => {
      const named = freight === "" ? {} : /^[0-9a-f]{40}$/.test(freight) ? { freight } : { freightAlias: freight };
      return (await api.send("POST", `${base}/plan`, { stage, ...named, ...(isRollback ? { rollback: true } : {}) })) as Plan;
    },
    enabled: isWanted,
    // A plan is made once for each time that somebody opens the sheet.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const id = made.data?.id ?? "";
  const held = useQuery({
    queryKey: ["plan-holds", project, id],
    queryFn: ({ signal }) => api.get<Plan>(`${base}/plans/${encodeURIComponent(id)}`, signal),
    enabled: isWanted && id !== "",
    refetchInterval: (query) => ((query.state.data?.outdated.length ?? 0) > 0 ? false : query.state.dataUpdateCount < OFTEN ? ASKED_EVERY : ASKED_SELDOM),
    refetchOnWindowFocus: true,
    gcTime: 0,
    retry: false,
  });
  const outdated = held.data?.outdated ?? made.data?.outdated ?? [];
  const state: PlanState = !isWanted ? "none" : made.error !== null ? "failed" : made.data === undefined ? "making" : outdated.length > 0 || held.error !== null ? "outdated" : "made";
  return { state, plan: made.data ?? null, outdated, error: made.error ?? held.error, renew: () => setRound((was) => was + 1) };
}
