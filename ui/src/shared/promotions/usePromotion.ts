import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { useDocument, useServices } from "../services.ts";
import { promotionOf } from "../stream/topics.ts";
import { readPromotion, type PromotionInfo, type WirePromotion } from "./read.ts";

export interface Wait {
  readonly reason: string;
  /** Seconds since 1970, when it is looked at again at the latest; 0: that is not known. */
  readonly until: number;
  /** Keys of the events that end it. */
  readonly wokenBy: readonly string[];
}

export interface ShownPromotion {
  readonly promotion: PromotionInfo | null;
  readonly waits: Wait | null;
  readonly rev: number;
  readonly error: unknown;
  readonly retry: () => void;
}

interface WireExplained {
  readonly waitingFor: string | null;
  readonly until: string | null;
  readonly wokenBy: readonly string[];
}

/** A Promotion that the stream keeps right, and what it waits for now. */
export function usePromotion(project: string, name: string): ShownPromotion {
  const { api } = useServices();
  const { document, error, retry } = useDocument<WirePromotion>(promotionOf(project, name));
  const promotion = useMemo(() => (document === null ? null : readPromotion(document)), [document]);
  const rev = document?.rev ?? 0;
  const { data } = useQuery({
    queryKey: ["promotion-explain", project, name, rev],
    queryFn: ({ signal }) => api.get<WireExplained>(`towpath/v1/projects/${encodeURIComponent(project)}/promotions/${encodeURIComponent(name)}/explain`, signal),
    enabled: promotion !== null && !promotion.isOver,
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
  });
  const waits = useMemo(() => {
    if (promotion?.isOver !== false || data === undefined || data.waitingFor === null || data.waitingFor === "") return null;
    const until = Date.parse(data.until ?? "");
    return { reason: data.waitingFor, until: Number.isNaN(until) ? 0 : until / 1000, wokenBy: data.wokenBy };
  }, [promotion?.isOver, data]);
  return { promotion, waits, rev, error, retry };
}
