/** A Promotion as screens show it: the view of docs/reference/asking.md, with the stream's patches of it (docs/reference/board.md) in. */
import type { Answer } from "../api/documents.ts";
import { PROMOTION, STEP, meaning, type Meaning } from "../state/roles.ts";

interface WireViewedStep {
  readonly alias: string;
  readonly kind: string;
  readonly status?: string;
  readonly start?: number;
  readonly end?: number;
  readonly errors?: number;
  readonly result?: string;
  readonly links?: readonly StepLink[];
}

/** A step as the stream tells of it: alias, kind, status, started, finished, message. */
type PatchedStep = readonly [alias: string, kind: string, status?: string, started?: number, finished?: number, message?: string];

export interface WirePromotion extends Answer {
  readonly name: string;
  readonly stage: string;
  readonly freight: string;
  readonly phase?: string;
  readonly steps?: readonly (WireViewedStep | PatchedStep)[];
  readonly waits?: { readonly reason: string; readonly until: string | null; readonly wokenBy?: readonly string[]; readonly endedBy?: string | readonly string[] | null } | null;
  readonly typical?: { readonly p50: number; readonly p95: number; readonly of: number } | null;
  readonly actor?: string;
  readonly reason?: string;
  readonly msg?: string;
  readonly message?: string;
  readonly created?: number;
  readonly start?: number;
  readonly started?: number;
  readonly end?: number;
  readonly finished?: number;
  readonly retryOf?: string;
  readonly rollback?: boolean;
  readonly plan?: string;
  readonly attempts?: readonly Attempt[];
}

/** An earlier Promotion that this one tries again. */
export interface Attempt {
  readonly name: string;
  readonly phase?: string;
  readonly start?: number;
  readonly end?: number;
  readonly msg?: string;
}

export interface StepLink {
  readonly kind: string;
  readonly text: string;
  readonly url?: string;
}

export interface StepInfo {
  readonly alias: string;
  readonly kind: string;
  readonly status: string;
  readonly meaning: Meaning;
  readonly start: number;
  readonly end: number;
  /** Errors in a row. */
  readonly errors: number;
  /** The first line of what it says. */
  readonly result: string;
}

export interface PromotionInfo {
  readonly name: string;
  readonly stage: string;
  readonly freight: string;
  readonly phase: string;
  readonly meaning: Meaning;
  readonly isOver: boolean;
  readonly steps: readonly StepInfo[];
  readonly typical: { readonly p50: number; readonly p95: number; readonly of: number } | null;
  readonly actor: string;
  readonly reason: string;
  readonly message: string;
  readonly created: number;
  /** Seconds since 1970; 0: it has not begun. */
  readonly start: number;
  readonly end: number;
  readonly retryOf: string;
  readonly isRollback: boolean;
  /** The plan that was confirmed for it; empty without one. */
  readonly plan: string;
  readonly attempts: readonly Attempt[];
}

const OVER = ["Succeeded", "Failed", "Errored", "Aborted"];

export function readPromotion(wire: WirePromotion): PromotionInfo {
  const phase = wire.phase || "Pending";
  return {
    name: wire.name,
    stage: wire.stage,
    freight: wire.freight,
    phase,
    meaning: meaning(PROMOTION, phase),
    isOver: OVER.includes(phase),
    steps: (Array.isArray(wire.steps) ? wire.steps : []).map(readStep),
    typical: wire.typical ?? null,
    actor: wire.actor ?? "",
    reason: wire.reason ?? "",
    message: wire.message || wire.msg || "",
    created: wire.created ?? 0,
    start: said(wire.started, wire.start),
    end: said(wire.finished, wire.end),
    retryOf: wire.retryOf ?? "",
    isRollback: wire.rollback ?? false,
    plan: wire.plan ?? "",
    attempts: wire.attempts ?? [],
  };
}

/** The stream says 0 of what has no time yet, and its word is newer. */
function said(patched: number | undefined, viewed: number | undefined): number {
  return patched ?? viewed ?? 0;
}

function isPatched(step: WireViewedStep | PatchedStep): step is PatchedStep {
  return Array.isArray(step);
}

function readStep(wire: WireViewedStep | PatchedStep): StepInfo {
  const step: WireViewedStep = isPatched(wire)
    ? { alias: wire[0], kind: wire[1], status: wire[2] ?? "", start: wire[3] ?? 0, end: wire[4] ?? 0, result: wire[5] ?? "" }
    : wire;
  const status = step.status || "Pending";
  return {
    alias: step.alias,
    kind: step.kind,
    status,
    meaning: meaning(STEP, status),
    start: step.start ?? 0,
    end: step.end ?? 0,
    errors: step.errors ?? 0,
    result: (step.result ?? "").split("\n")[0] ?? "",
  };
}

/** Where a bar stands on an axis that all steps share, in percent of it; null for a step that has not begun. */
export function barOf(step: StepInfo, from: number, to: number, now: number): { readonly left: number; readonly width: number } | null {
  if (step.start === 0 || to <= from) return null;
  const end = step.end || now;
  const share = (seconds: number) => Math.min(100, Math.max(0, ((seconds - from) / (to - from)) * 100));
  return { left: share(step.start), width: Math.max(1, share(end) - share(step.start)) };
}

/** Those that open themselves: what runs, and what failed. */
export function opensItself(step: StepInfo): boolean {
  return step.status === "Running" || step.status === "Failed" || step.status === "Errored";
}

/** The links of each step, by its alias: the stream does not repeat them. */
export function linksOf(wire: WirePromotion | undefined): Readonly<Record<string, readonly StepLink[]>> {
  return Object.fromEntries((wire?.steps ?? []).flatMap((each) => (isPatched(each) || each.links === undefined ? [] : [[each.alias, each.links]])));
}
