import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { path } from "../api/paths.ts";
import { useDocument, useServices } from "../services.ts";
import { promotionOf } from "../stream/topics.ts";
import { readPromotion, linksOf, type PromotionInfo, type StepLink, type WirePromotion } from "./read.ts";

export interface Wait {
  readonly reason: string;
  /** Seconds since 1970, when it is looked at again at the latest; 0: that is not known. */
  readonly until: number;
  /** Keys of the events that end it. */
  readonly wokenBy: readonly string[];
  /** Who or what ends it, in words; empty where nobody knows. */
  readonly endedBy: string;
}

export interface ShownPromotion {
  readonly promotion: PromotionInfo | null;
  readonly waits: Wait | null;
  /** Where to look, by the alias of the step. */
  readonly links: Readonly<Record<string, readonly StepLink[]>>;
  readonly rev: number;
  readonly error: unknown;
  readonly retry: () => void;
}

const textOf = (said: string | readonly string[] | null | undefined): string => (typeof said === "string" ? said : (said ?? []).join("; or by "));

/** A Promotion that the stream keeps right, and what it waits for now. */
export function usePromotion(project: string, name: string): ShownPromotion {
  const { api } = useServices();
  const { document, error, retry } = useDocument<WirePromotion>(promotionOf(project, name));
  const promotion = useMemo(() => (document === null ? null : readPromotion(document)), [document]);
  const rev = document?.rev ?? 0;
  const { data } = useQuery({
    queryKey: ["promotion-view", project, name, rev],
    queryFn: ({ signal }) => api.get<WirePromotion>(path`towpath/v1/projects/${project}/promotions/${name}`, signal),
    enabled: promotion !== null,
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
  });
  const waits = useMemo(() => {
    const found = data?.waits;
    if (promotion?.isOver !== false || found === null || found === undefined) return null;
    const until = Date.parse(found.until ?? "");
    return { reason: found.reason, until: Number.isNaN(until) ? 0 : until / 1000, wokenBy: found.wokenBy ?? [], endedBy: textOf(found.endedBy) };
  }, [promotion?.isOver, data]);
  const links = useMemo(() => linksOf(data), [data]);
  return { promotion, waits, links, rev, error, retry };
}
