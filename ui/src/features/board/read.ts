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
  readonly hold: { readonly actor: string; readonly since: number; readonly reason: string } | null;
  readonly isAuto: boolean;
  readonly drift: string;
  readonly verify: string;
  readonly promotion: string;
  readonly step: { readonly number: number; readonly of: number; readonly alias: string; readonly since: number } | null;
  readonly message: string;
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
    return readStage({ name: wire.name, ...(typeof wire.row === "number" ? { row: wire.row } : {}), ...(typeof wire.col === "number" ? { col: wire.col } : {}), phase: "Unreadable", role: "fail" }, []);
  }
}

function readStage(wire: WireStage, may: readonly string[]): StageInfo {
  const phase = wire.phase ?? "Steady";
  return {
    name: wire.name,
    row: wire.row ?? 0,
    col: wire.col ?? 0,
    ord: wire.ord ?? 0,
    up: list(wire.up),
    from: list(wire.from),
    isFlow: wire.flow ?? false,
    freight: list(wire.freight),
    phase,
    meaning: meaningOf(phase, wire),
    health: wire.health ?? "Healthy",
    since: wire.since ?? 0,
    actor: wire.actor ?? "",
    behind: wire.behind ?? 0,
    next: wire.next ?? "",
    blocker: wire.blocker === undefined ? null : { gate: wire.blocker[0], opensAt: wire.blocker[1] ?? 0 },
    queued: wire.queued ?? 0,
    hold: wire.hold === undefined ? null : { actor: wire.hold[0] ?? "", since: wire.hold[1] ?? 0, reason: wire.hold[2] ?? "" },
    isAuto: wire.auto ?? false,
    drift: wire.drift ?? "",
    verify: wire.verify ?? "Successful",
    promotion: wire.promotion ?? "",
    step: wire.step === undefined ? null : { number: wire.step[0], of: wire.step[1], alias: wire.step[2] ?? "", since: wire.step[3] ?? 0 },
    message: wire.msg ?? "",
    may: wire.may ?? may,
  };
}

/** The word is the phase's; the colour is the server's, which knows of holds and health as well. */
function meaningOf(phase: string, wire: WireStage): Meaning {
  const found = meaning(STAGE, phase);
  const role = (ROLES as readonly string[]).includes(wire.role ?? "ok") ? ((wire.role ?? "ok") as Role) : found.role;
  return { role, word: role === "held" ? "Held" : wire.flow === true && phase === "Steady" ? "Gate" : found.word };
}

function list(value: readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError("a list was expected");
  return value as string[];
}
