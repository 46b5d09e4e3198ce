/** Moves that begin on the board: which Freight is meant, and what the caller may not do. */
import { createContext, useContext } from "react";
import type { MoveKind } from "@/shared/moves/address.ts";
import type { BoardInfo, StageInfo } from "./read.ts";

/** Opens the sheet of a move for Stages. */
export type Move = (kind: MoveKind, stages: readonly string[]) => void;

const Context = createContext<Move>(() => undefined);
export const MovesProvider = Context.Provider;
export const useMove = (): Move => useContext(Context);

/**
 * What would come next: what the server says is kept back, else so many Freight before the one that is there as it is behind by, else the
 * newest that lies upstream and is not there. Empty: nothing.
 */
export function nextFreight(board: BoardInfo, stage: StageInfo): string {
  if (stage.next !== "") return stage.next;
  const ahead = stage.freight.length === 1 && stage.behind > 0 ? before(board, stage.freight[0] ?? "", stage.behind) : undefined;
  if (ahead !== undefined) return ahead;
  const upstream = new Set(board.stages.filter((each) => stage.up.includes(each.name)).flatMap((each) => each.freight));
  const newest = [...board.freight.values()]
    .filter((each) => !each.isGone && (upstream.has(each.name) || stage.from.includes(each.warehouse)))
    .sort((a, b) => b.time - a.time)[0];
  return newest === undefined || stage.freight.includes(newest.name) ? "" : newest.name;
}

/** The Freight of the same Warehouse that is so many newer than one: Freight stands newest first. A Stage without steps before it holds none. */
function before(board: BoardInfo, name: string, behind: number): string | undefined {
  const warehouse = board.freight.get(name)?.warehouse;
  const line = [...board.freight.values()].filter((each) => each.warehouse === warehouse).map((each) => each.name);
  const found = line.indexOf(name);
  return found < behind ? undefined : line[found - behind];
}

/** What a sheet for these Stages is opened with: the Freight of the lens, else what would come next to all of them. */
export function freightFor(board: BoardInfo, kind: MoveKind, stages: readonly string[], lens: string): string {
  if (kind !== "promote" && kind !== "approve" && kind !== "downstream") return "";
  const known = board.stages.filter((each) => stages.includes(each.name));
  const named = (name: string): string => board.freight.get(name)?.alias || name;
  if (kind === "downstream") return named(known[0]?.freight[0] ?? "");
  if (lens !== "") return lens;
  const next = new Set(known.map((each) => nextFreight(board, each)));
  const [only = ""] = next;
  return next.size === 1 ? named(only) : "";
}

const RIGHTS = { promote: "promote", downstream: "promote", rollback: "promote", approve: "approve", hold: "hold", resume: "hold", verify: "verify" } as const;

/** The right that is missing for a move of a Stage; empty: none is. */
export function missing(stage: StageInfo, kind: keyof typeof RIGHTS): string {
  return stage.may.includes(RIGHTS[kind]) ? "" : `You have no right to ${RIGHTS[kind]} here`;
}
