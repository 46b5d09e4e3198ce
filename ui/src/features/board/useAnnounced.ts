import { useEffect, useRef } from "react";
import { useServices } from "@/shared/services.ts";
import { changesOf } from "./changes.ts";
import type { BoardInfo } from "./read.ts";

/** Has screen readers told of what changes on a board, in batches. */
export function useAnnounced(board: BoardInfo): void {
  const { announcer } = useServices();
  const last = useRef(board);
  useEffect(() => {
    for (const each of changesOf(last.current, board)) announcer.polite(each);
    last.current = board;
  }, [announcer, board]);
}
