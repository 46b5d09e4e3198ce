/** The board as the server sends it, with its defaults in. What cannot be read becomes a Stage that says so. */
import type { Artifact, WireBoard, WireFreight, WireStage } from "@/shared/api/documents.ts";
import { ROLES, STAGE, meaning, type Meaning, type Role } from "@/shared/state/roles.ts";

export interface FreightInfo {
  readonly name: string;
  readonly alias: string;
  readonly warehouse: string;
  readonly time: number;
  readonly artifacts: readonly Artifact[];
  readonly isGone: boolean;
}

export interface StageInfo {
  readonly name: string;
  readonly row: number;
  readonly col: number;
  readonly ord: number;
  readonly up: readonly string[];
  readonly from: readonly string[];
  readonly isFlow: boolean;
  readonly freight: readonly string[];
  readonly phase: string;
  readonly meaning: Meaning;
  readonly health: string;
  readonly since: number;
  readonly actor: string;
  readonly behind: number;
  readonly next: string;
  readonly blocker: { readonly gate: string; readonly opensAt: number } | null;
  readonly queued: number;
  readonly hold: { readonly actor: string; readonly since: number; readonly reason: string; readonly until: number } | null;
  readonly isAuto: boolean;
  readonly drift: string;
  readonly verify: string;
  readonly promotion: string;
  readonly step: { readonly number: number; readonly of: number; readonly alias: string; readonly since: number } | null;
  readonly message: string;
  /** When what is wrong went wrong, seconds since 1970; 0: nothing is, or it is not known. */
  readonly failed: number;
  readonly may: readonly string[];
}

export interface BoardInfo {
  readonly project: string;
  readonly rows: readonly string[];
  readonly columns: readonly { readonly title: string; readonly environment: string }[];
  readonly lanes: readonly { readonly name: string; readonly next: number; readonly error: string }[];
  readonly freight: ReadonlyMap<string, FreightInfo>;
  readonly stages: readonly StageInfo[];
  readonly more: number;
}

const seen = new WeakMap<WireStage, StageInfo>();

/** Stages that did not change stay the same objects, so that their cells are not drawn anew. */
export function readBoard(document: WireBoard): BoardInfo {
  const may = document.may ?? [];
  const freight = new Map((document.freight ?? []).map((each) => [each.name, readFreight(each)]));
  return {
    project: document.project,
    rows: (document.rows ?? []).map((each) => each.title),
    columns: (document.cols ?? []).map((each) => ({ title: each.title, environment: each.env ?? "" })),
    lanes: (document.lanes ?? []).map((each) => ({ name: each.name, next: each.next ?? 0, error: each.error ?? "" })),
    freight,
    stages: (document.stages ?? []).map((each) => {
      const known = seen.get(each);
      if (known !== undefined) return known;
      const made = readStageSafely(each, may);
      seen.set(each, made);
      return made;
    }),
    more: document.more ?? 0,
  };
}

function readFreight(wire: WireFreight): FreightInfo {
  return {
    name: wire.name,
    alias: wire.alias ?? "",
    warehouse: wire.warehouse ?? "",
    time: wire.time ?? 0,
    artifacts: Array.isArray(wire.artifacts) ? wire.artifacts : [],
    isGone: wire.gone ?? false,
  };
}

function readStageSafely(wire: WireStage, may: readonly string[]): StageInfo {
  try {
    return readStage(wire, may);
  } catch {
    const place = (value: unknown): number => (isPlace(value) ? value : 0);
    const name = typeof wire.name === "string" && wire.name !== "" ? wire.name : "a Stage without a name";
    return readStage({ name, row: place(wire.row), col: place(wire.col), ord: place(wire.ord), phase: "Unreadable", role: "fail" }, []);
  }
}

/** Raises TypeError for what is not as it is described: then the cell says that it cannot be read. */
function readStage(wire: WireStage, may: readonly string[]): StageInfo {
  const phase = text(wire.phase, "Steady");
  const { blocker, hold, step } = wire;
  return {
    name: text(wire.name),
    row: place(wire.row),
    col: place(wire.col),
    ord: place(wire.ord),
    up: list(wire.up),
    from: list(wire.from),
    isFlow: wire.flow === true,
    freight: list(wire.freight),
    phase,
    meaning: meaningOf(phase, text(wire.role, "ok"), wire.flow === true),
    health: text(wire.health, "Healthy"),
    since: number(wire.since),
    actor: text(wire.actor),
    behind: number(wire.behind),
    next: text(wire.next),
    blocker: blocker === undefined ? null : { gate: text(blocker[0]), opensAt: number(blocker[1]) },
    queued: number(wire.queued),
    hold: hold === undefined ? null : { actor: text(hold[0]), since: number(hold[1]), reason: text(hold[2]), until: number(hold[3]) },
    isAuto: wire.auto === true,
    drift: text(wire.drift),
    verify: text(wire.verify, "Successful"),
    promotion: text(wire.promotion),
    step: step === undefined ? null : { number: number(step[0]), of: number(step[1]), alias: text(step[2]), since: number(step[3]) },
    message: text(wire.msg),
    failed: number(wire.failed),
    may: wire.may === undefined ? may : list(wire.may),
  };
}

/** The word is the phase's; the colour is the server's, which knows of holds and health as well. */
function meaningOf(phase: string, wanted: string, isFlow: boolean): Meaning {
  const found = meaning(STAGE, phase);
  const role = (ROLES as readonly string[]).includes(wanted) ? (wanted as Role) : found.role;
  return { role, word: role === "held" ? "Held" : isFlow && phase === "Steady" ? "Control flow" : found.word };
}

/** More columns, rows or siblings than that nobody has: what says so is not drawn by them. */
const FARTHEST = 10_000;

const isPlace = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= FARTHEST;

function place(value: unknown): number {
  if (value === undefined) return 0;
  if (!isPlace(value)) throw new TypeError("a place was expected");
  return value;
}

function text(value: unknown, otherwise = ""): string {
  if (value === undefined) return otherwise;
  if (typeof value !== "string") throw new TypeError("a text was expected");
  return value;
}

function number(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new TypeError("a number was expected");
  return value;
}

function list(value: readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) throw new TypeError("a list of texts was expected");
  return value;
}
