/** A Project's line: which of its Stages a stop would hold, which it would not and why, and which are held by one. */
import type { WireBoard, WireStage } from "@/shared/api/documents.ts";

/** What the reason of each hold begins with that a stop makes, here and by `towpath hold --all`: by it they are known again. */
export const STOPPED = "Line stopped";
/** Characters that the server keeps of a reason. */
const MOST_REASON = 1024;
export const MOST_SAID = MOST_REASON - `${STOPPED}: `.length;
/** Stages that one call of `moves` takes. */
export const AT_ONCE = 200;

export interface HeldStage {
  readonly name: string;
  readonly actor: string;
  /** Seconds since 1970; 0: not known. */
  readonly since: number;
  readonly reason: string;
  /** When it ends by itself; 0: it does not. */
  readonly until: number;
}

export interface RunningStage {
  readonly name: string;
  /** The Promotion under way; empty where none is known. */
  readonly promotion: string;
  readonly queued: number;
}

export interface Line {
  readonly toHold: readonly string[];
  /** Held, and left as they are. */
  readonly held: readonly HeldStage[];
  /** Held of one Warehouse at least, and maybe not of another: they are held whole. */
  readonly partly: readonly string[];
  /** Nothing comes by itself there: auto-promotion is off. */
  readonly manual: readonly string[];
  /** Nothing is there that could be held: the first Freight comes all the same. */
  readonly empty: readonly string[];
  readonly unreadable: readonly string[];
  /** The caller has no right to hold them. */
  readonly forbidden: readonly string[];
  /** What a stop does not stop: Promotions that run, or wait for their turn. */
  readonly running: readonly RunningStage[];
  /** Held by a stop: what resuming the line is about. */
  readonly stopped: readonly HeldStage[];
  /** Those of `stopped` that the caller may resume. */
  readonly toResume: readonly string[];
  /** Stages that the board has no room for. */
  readonly more: number;
}

export function lineOf(board: WireBoard): Line {
  const stages = (board.stages ?? []).filter((each) => each.gone !== true && each.flow !== true);
  const may = (each: WireStage) => (each.may ?? board.may ?? []).includes("hold");
  const kinds = stages.map((stage) => ({ stage, kind: kindOf(stage, may(stage)) }));
  const named = (kind: Kind) => kinds.filter((each) => each.kind === kind).map((each) => each.stage.name);
  const held = stages.flatMap((each) => heldOf(each) ?? []);
  const stopped = held.filter((each) => isStop(each.reason));
  const mayResume = new Set(stages.filter(may).map((each) => each.name));
  return {
    toHold: [...named("hold"), ...named("partly")],
    held: held.filter((each) => named("held").includes(each.name)),
    partly: named("partly"),
    manual: named("manual"),
    empty: named("empty"),
    unreadable: named("unreadable"),
    forbidden: named("forbidden"),
    running: stages.flatMap((each) => {
      const promotion = each.phase === "Promoting" ? (each.promotion ?? "") : "";
      const queued = each.queued ?? 0;
      return each.phase === "Promoting" || queued > 0 ? [{ name: each.name, promotion, queued }] : [];
    }),
    stopped,
    toResume: stopped.map((each) => each.name).filter((name) => mayResume.has(name)),
    more: board.more ?? 0,
  };
}

type Kind = "hold" | "partly" | "held" | "manual" | "empty" | "unreadable" | "forbidden";

function kindOf(stage: WireStage, may: boolean): Kind {
  const there = stage.freight?.length ?? 0;
  if (stage.phase === "Unreadable") return "unreadable";
  // A stop of before is whole: one that holds several Warehouses' Freight by somebody's own hold may be held of one alone.
  if (stage.hold !== undefined && (there <= 1 || stage.auto !== true || !may || isStop(stage.hold[2] ?? ""))) return "held";
  if (stage.auto !== true) return "manual";
  if (!may) return "forbidden";
  if (there === 0) return "empty";
  return stage.hold === undefined ? "hold" : "partly";
}

function heldOf(stage: WireStage): HeldStage | null {
  if (stage.hold === undefined) return null;
  const [actor = "", since = 0, reason = "", until = 0] = stage.hold;
  return { name: stage.name, actor, since, reason, until };
}

export const isStop = (reason: string): boolean => reason === STOPPED || reason.startsWith(`${STOPPED}: `);

export function reasonOf(said: string): string {
  return said.trim() === "" ? STOPPED : `${STOPPED}: ${said.trim()}`;
}

/** What somebody gave as the reason of a stop; empty: nothing. */
export const saidOf = (reason: string): string => reason.slice(`${STOPPED}: `.length);

export function batches(stages: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(stages.length / AT_ONCE) }, (_, place) => stages.slice(place * AT_ONCE, (place + 1) * AT_ONCE));
}

export const count = (stages: readonly unknown[]): string => `${stages.length} ${stages.length === 1 ? "Stage" : "Stages"}`;
