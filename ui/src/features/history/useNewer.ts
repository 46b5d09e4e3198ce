import { useState } from "react";
import type { Move, WireOverview } from "@/shared/api/documents.ts";
import { useDocument } from "@/shared/services.ts";
import { OVERVIEW } from "@/shared/stream/topics.ts";

/** When something was promoted last, or a promotion ended, in seconds; 0 where that is not known. Empty: of any Project. */
export function newest(moves: readonly Move[], project: string): number {
  const times = moves.flatMap(([of, , , , , , created, finished]) => (project === "" || of === project ? [created, finished] : []));
  return Math.max(0, ...times);
}

/** Whether something was promoted since what is shown was asked for, as the stream tells; `shown` says that it is shown now. */
export function useNewer(project: string): { readonly isNewer: boolean; readonly shown: () => void } {
  const { document } = useDocument<WireOverview>(OVERVIEW);
  const now = document === null ? null : newest(document.moves ?? [], project);
  const [seen, setSeen] = useState<{ readonly project: string; readonly at: number } | null>(null);
  if (now !== null && seen?.project !== project) setSeen({ project, at: now });
  return { isNewer: now !== null && seen?.project === project && now > seen.at, shown: () => setSeen(now === null ? null : { project, at: now }) };
}
