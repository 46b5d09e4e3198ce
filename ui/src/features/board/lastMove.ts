/** The move that brought what is in a Stage: why, and which commits it made. The board has no room for it: it is asked for where somebody looks. */
import { useQuery } from "@tanstack/react-query";
import { ApiError, type Api } from "@/shared/api/client.ts";
import type { WirePastMoves } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { linksOf, type WirePromotion } from "@/shared/promotions/read.ts";
import { useServices } from "@/shared/services.ts";
import type { StageInfo } from "./read.ts";

export interface Commit {
  readonly text: string;
  /** Where a browser finds it; empty where nobody knows. */
  readonly url: string;
}

export interface LastMove {
  readonly promotion: string;
  readonly reason: string;
  readonly commits: readonly Commit[];
}

/** Null while it is not known, and where history has none. */
export function useLastMove(project: string, stage: StageInfo, isWanted: boolean): LastMove | null {
  const { api } = useServices();
  const { data } = useQuery({
    queryKey: ["last-move", project, stage.name, stage.since, ...stage.freight],
    queryFn: ({ signal }) => lastMove(api, project, stage.name, signal),
    enabled: isWanted && !stage.isFlow && stage.freight.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return data ?? null;
}

async function lastMove(api: Api, project: string, stage: string, signal: AbortSignal): Promise<LastMove | null> {
  const { items } = await api.get<WirePastMoves>(`towpath/v1/history${query({ project, stage, result: "Succeeded", limit: 1 })}`, signal);
  const [line] = items;
  if (line === undefined) return null;
  const { name = "", reason = "" } = line;
  return { promotion: name, reason, commits: name === "" ? [] : await commitsOf(api, project, name, signal) };
}

/** None where the Promotion is no more: history outlives it. */
async function commitsOf(api: Api, project: string, promotion: string, signal: AbortSignal): Promise<readonly Commit[]> {
  try {
    return commitsIn(await api.get<WirePromotion>(path`towpath/v1/projects/${project}/promotions/${promotion}`, signal));
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}

/** The commits that steps of a Promotion made, each once, with the address that any of them knows. */
export function commitsIn(promotion: WirePromotion): readonly Commit[] {
  const found = new Map<string, string>();
  for (const { kind, text, url = "" } of Object.values(linksOf(promotion)).flat()) {
    if (kind === "commit" && !found.get(text)) found.set(text, /^https?:\/\//.test(url) ? url : "");
  }
  return [...found].map(([text, url]) => ({ text, url }));
}
