import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { path } from "@/shared/api/paths.ts";
import { useServices } from "@/shared/services.ts";
import type { ManyPlan, Plan } from "./read.ts";
import type { PlanState } from "./words.ts";

/** How often it is asked whether a plan that is looked at still holds: repositories tell nobody when they move. */
const ASKED_EVERY = 1_500;
/** After so many times it is asked less often: nobody looks at one sheet for long. */
const OFTEN = 120;
const ASKED_SELDOM = 15_000;

export interface Shown<Document> {
  readonly state: PlanState;
  readonly plan: Document | null;
  /** What has changed since it was made. */
  readonly outdated: readonly string[];
  readonly error: unknown;
  readonly renew: () => void;
}

export type ShownPlan = Shown<Plan>;
export type ShownManyPlan = Shown<ManyPlan>;

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
  const body = { stage, ...named(freight), ...(isRollback ? { rollback: true } : {}) };
  return useLookedAfter<Plan>(project, body, "plans", isWanted);
}

/** The same for several Stages at once, as one plan in few bytes. */
export function useManyPlan({ project, stages, freight, isWanted }: { readonly project: string; readonly stages: readonly string[]; readonly freight: string; readonly isWanted: boolean }): ShownManyPlan {
  return useLookedAfter<ManyPlan>(project, { stages, ...named(freight) }, "plan", isWanted);
}

function named(freight: string): object {
  if (freight === "") return {};
  return /^[0-9a-f]{40}$/.test(freight) ? { freight } : { freightAlias: freight };
}

/** Make a plan, and ask again and again whether it still holds. `told`: below which path it is told of. */
function useLookedAfter<Document extends { readonly id: string; readonly outdated: readonly string[] }>(project: string, body: object, told: "plan" | "plans", isWanted: boolean): Shown<Document> {
  const { api } = useServices();
  const [round, setRound] = useState(0);
  const made = useQuery({
    queryKey: ["plan", project, body, round],
    queryFn: async () => (await api.send("POST", path`towpath/v1/projects/${project}/plan`, body)) as Document,
    enabled: isWanted,
    // A plan is made once for each time that somebody opens the sheet.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const id = made.data?.id ?? "";
  const held = useQuery({
    queryKey: ["plan-holds", project, id],
    queryFn: ({ signal }) => api.get<Document>(`${path`towpath/v1/projects/${project}`}/${told}/${path`${id}`}`, signal),
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
