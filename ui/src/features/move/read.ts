/** What the sheet is drawn from: Stages and Freight of the board's document, the plan, and what became of each target. */
import type { WireBoard, WireFreight, WireStage } from "@/shared/api/documents.ts";

export interface Base {
  readonly repository: string;
  readonly ref: string;
  readonly commit: string;
}

export interface PlannedStep {
  readonly step: string;
  readonly uses: string;
  readonly result?: string;
  readonly message?: string;
  readonly changes?: boolean;
  readonly waitsFor?: string | null;
  readonly unknown?: string | null;
}

export interface PlannedPush {
  readonly step: string;
  readonly repository: string;
  readonly branch: string;
  readonly base: string;
  readonly tree: string;
  readonly force: boolean;
  readonly files: readonly string[];
  readonly objects: readonly string[];
}

export interface PlannedFile {
  readonly id: string;
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  readonly isBinary: boolean;
}

export interface PlannedObject {
  readonly id: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly change: string;
  readonly added: number;
  readonly removed: number;
}

export interface PlannedCall {
  readonly step: string;
  readonly door: string;
  readonly operation: string;
  readonly what: string;
}

export interface Variant {
  readonly assumes: readonly { readonly step: string; readonly if: string; readonly holds: boolean }[];
  readonly result: string;
  readonly message: string;
  readonly steps: readonly PlannedStep[];
  readonly pushes: readonly PlannedPush[];
  readonly files: readonly PlannedFile[];
  readonly objects: readonly PlannedObject[];
  readonly calls: readonly PlannedCall[];
  readonly notes: readonly string[];
}

export interface Plan {
  readonly id: string;
  readonly stage: string;
  readonly freight: string;
  readonly plannedAt: string;
  readonly outdated: readonly string[];
  readonly bases: readonly Base[];
  readonly variants: readonly Variant[];
  readonly hasMoreVariants: boolean;
}

/** How much of everything a plan does. */
export interface PlanCounts {
  readonly files?: number;
  readonly "+"?: number;
  readonly "-"?: number;
  readonly calls?: number;
  readonly noops?: number;
  readonly gates?: number;
}

export interface PlanTarget {
  readonly stage: string;
  readonly result: string;
  readonly msg?: string;
  readonly outdated?: readonly string[];
  readonly counts?: PlanCounts;
  readonly files?: readonly { readonly id: string; readonly path: string; readonly "+"?: number; readonly "-"?: number; readonly kind?: string }[];
  readonly calls?: readonly { readonly step: string; readonly operation: string; readonly what: string }[];
}

/** The plan of several Stages, each as if it were alone. */
export interface ManyPlan {
  readonly id: string;
  readonly plannedAt: string;
  readonly outdated: readonly string[];
  readonly sum?: PlanCounts;
  readonly targets?: readonly PlanTarget[];
}

/** How much a plan does, in words; what is none is left out. */
export function amounts(counts: PlanCounts): string {
  const of = (count: number | undefined, one: string, several: string) => (count === undefined || count === 0 ? [] : [`${count} ${count === 1 ? one : several}`]);
  const lines = (counts["+"] ?? 0) + (counts["-"] ?? 0) > 0 ? [`+${counts["+"] ?? 0} −${counts["-"] ?? 0} lines`] : [];
  return [...of(counts.files, "file", "files"), ...lines, ...of(counts.calls, "call", "calls"), ...of(counts.gates, "shut gate", "shut gates")].join(", ") || "nothing";
}

/** A Stage, as far as a move is about it. */
export interface StageBrief {
  readonly name: string;
  readonly freight: readonly string[];
  readonly since: number;
  readonly may: readonly string[];
  readonly isHeld: boolean;
  readonly isAuto: boolean;
  readonly isThere: boolean;
}

export interface FreightBrief {
  readonly name: string;
  readonly alias: string;
  readonly warehouse: string;
  readonly versions: readonly string[];
}

export function stageOf(board: WireBoard, name: string): StageBrief {
  const found = (board.stages ?? []).find((each) => each.name === name);
  if (found === undefined) return { name, freight: [], since: 0, may: [], isHeld: false, isAuto: false, isThere: false };
  return {
    name,
    freight: found.freight ?? [],
    since: found.since ?? 0,
    may: found.may ?? board.may ?? [],
    isHeld: found.hold !== undefined,
    isAuto: found.auto ?? false,
    isThere: true,
  };
}

/** Freight by name or alias; what the board does not have is called by what it was asked for by. */
export function freightOf(board: WireBoard, wanted: string): FreightBrief {
  const found = (board.freight ?? []).find((each) => each.name === wanted || each.alias === wanted);
  return found === undefined ? { name: wanted, alias: "", warehouse: "", versions: [] } : brief(found);
}

function brief(wire: WireFreight): FreightBrief {
  const artifacts = wire.artifacts ?? [];
  return {
    name: wire.name,
    alias: wire.alias ?? "",
    warehouse: wire.warehouse ?? "",
    versions: artifacts.map(([, label, version, digest]) => version || digest || label),
  };
}

/** What the Stage holds of the same origin: what would be replaced. */
export function replaced(board: WireBoard, stage: StageBrief, freight: FreightBrief): FreightBrief | null {
  const there = stage.freight.map((each) => freightOf(board, each));
  return there.find((each) => each.warehouse === freight.warehouse && freight.warehouse !== "") ?? there[0] ?? null;
}

/** Stages that take Freight from one of these by promotion. */
export function downstreamOf(board: WireBoard, stages: readonly string[]): readonly string[] {
  return (board.stages ?? []).filter((each: WireStage) => each.flow !== true && (each.up ?? []).some((up) => stages.includes(up))).map((each) => each.name);
}

/** The Warehouses whose Freight can come to a Stage, straight or by way of those before it; null if one of those may not be seen. */
function warehousesOf(board: WireBoard, stage: WireStage): ReadonlySet<string> | null {
  const byName = new Map((board.stages ?? []).map((each) => [each.name, each]));
  const found = new Set<string>();
  const before = new Set([stage.name]); // a set tells those added while it is walked, and each once: cycles end
  for (const name of before) {
    const each = byName.get(name);
    if (each === undefined) return null;
    for (const warehouse of each.from ?? []) found.add(warehouse);
    for (const up of each.up ?? []) before.add(up);
  }
  return found;
}

/** Freight to choose from for these Stages: what can come to one of them from its Warehouse, and is not there. */
export function choicesOf(board: WireBoard, stages: readonly string[]): readonly WireFreight[] {
  const targets = (board.stages ?? []).filter((each) => stages.includes(each.name));
  const known = targets.map((each) => ({ held: each.freight ?? [], warehouses: warehousesOf(board, each) }));
  const isTaken = ({ name, warehouse = "" }: WireFreight) =>
    known.some(({ held, warehouses }) => (warehouses === null || warehouses.has(warehouse)) && !held.includes(name));
  return (board.freight ?? []).filter((each) => each.gone !== true && (targets.length === 0 || isTaken(each)));
}
