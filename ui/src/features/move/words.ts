/** What the sheet says, and whether it may be confirmed. */
import type { MoveKind } from "@/shared/moves/address.ts";
import type { Gate } from "@/shared/why/read.ts";
import type { FreightBrief, StageBrief } from "./read.ts";

/** Kinds that end in Promotions. */
export const PROMOTING: readonly MoveKind[] = ["promote", "rollback", "downstream"];
export const NEEDS_REASON: readonly MoveKind[] = ["quarantine"];
export const OF_FREIGHT: readonly MoveKind[] = ["quarantine", "release"];

export function titleOf(freight: FreightBrief): string {
  return freight.alias || freight.versions[0] || freight.name.slice(0, 7);
}

const few = (targets: readonly string[]): string => (targets.length === 1 ? (targets[0] ?? "") : `${targets.length} Stages`);

/** The verb and the target: what the button says. */
export function verb(kind: MoveKind, targets: readonly string[], freight: FreightBrief | null): string {
  const where = few(targets);
  const what = freight === null ? "the Freight" : titleOf(freight);
  switch (kind) {
    case "promote":
    case "downstream":
      return `Promote to ${where}`;
    case "rollback":
      return `Roll back ${where}`;
    case "approve":
      return `Approve for ${where}`;
    case "hold":
      return `Hold ${where}`;
    case "resume":
      return `Resume ${where}`;
    case "verify":
      return `Verify ${where} again`;
    case "quarantine":
      return `Quarantine ${what}`;
    case "release":
      return `Release ${what}`;
  }
}

/** What it means, where the verb alone does not say. */
export const MEANS: Readonly<Partial<Record<MoveKind, string>>> = {
  approve: "The Freight may be promoted here although it was not verified upstream. Nothing is promoted by it, and the approval stays on record.",
  hold: "What is there stays until somebody resumes it, or promotes the newest Freight by hand. People may still promote.",
  resume: "Auto-promotion goes on. Nothing is promoted by this click itself, and newer Freight may come soon after it.",
  verify: "The newest verification is run once more, on what is there.",
  quarantine: "Nobody promotes the Freight to any Stage until it is released. Where it is already, it stays.",
  release: "The Freight may be promoted again.",
};

const RIGHT: Readonly<Partial<Record<MoveKind, string>>> = {
  promote: "promote",
  rollback: "promote",
  downstream: "promote",
  approve: "approve",
  hold: "hold",
  resume: "hold",
  verify: "verify",
};

/** Those of the targets that the caller has no right to. */
export function forbidden(kind: MoveKind, targets: readonly StageBrief[]): readonly string[] {
  const right = RIGHT[kind];
  return right === undefined ? [] : targets.filter((each) => each.isThere && !each.may.includes(right)).map((each) => each.name);
}

export type PlanState = "none" | "making" | "made" | "outdated" | "failed";

export interface Confirmable {
  readonly kind: MoveKind;
  readonly targets: readonly StageBrief[];
  readonly freight: FreightBrief | null;
  readonly reason: string;
  readonly isLive: boolean;
  readonly isSending: boolean;
  readonly plan: PlanState;
  /** The gates of the only target; null where there are several, or they are not known yet. */
  readonly gates: readonly Gate[] | null;
}

export interface Verdict {
  readonly label: string;
  readonly canConfirm: boolean;
  /** Why it cannot be confirmed, or what follows if it is. */
  readonly why: string;
}

export function verdict(given: Confirmable): Verdict {
  const { kind, targets, freight } = given;
  const names = targets.map((each) => each.name);
  const label = verb(kind, names, freight);
  const off = (why: string, text = label): Verdict => ({ label: text, canConfirm: false, why });
  if (given.isSending) return off("", `${label}: sending`);
  if (targets.length === 0 && !OF_FREIGHT.includes(kind)) return off("No Stage is chosen.");
  const gone = targets.filter((each) => !each.isThere).map((each) => each.name);
  if (gone.length > 0) return off(`There is no Stage ${gone.join(", ")}, or it is not for you to see.`);
  if (!given.isLive) return off("What is shown may be out of date. It can be confirmed once the page is live again.");
  const missing = forbidden(kind, targets);
  if (missing.length > 0) return off(`You have no right to ${RIGHT[kind] ?? kind}: ${missing.join(", ")}.`);
  if (freight === null && kind !== "hold" && kind !== "resume" && kind !== "verify" && !(kind === "rollback" && targets.length > 1)) {
    return off(kind === "rollback" ? "It is not known yet what it goes back to." : "No Freight is chosen.");
  }
  if (PROMOTING.includes(kind)) {
    const shut = (given.gates ?? []).filter((each) => !each.isOpen);
    const hard = shut.filter((each) => each.bars === "promotion");
    if (hard[0] !== undefined) return off(`${hard.length === 1 ? "A gate is" : `${hard.length} gates are`} shut: ${hard[0].reason}.`);
    if (given.plan === "making") return off("The plan is being made.");
    if (given.plan === "outdated") return off("The plan is outdated: renew it.");
    if (shut.some((each) => each.bars === "success")) return { label, canConfirm: true, why: "It would fail before its first step; see the gates." };
    const waits = shut.find((each) => each.bars === "start");
    if (waits !== undefined) return { label: `Request: ${label.charAt(0).toLowerCase()}${label.slice(1)}`, canConfirm: true, why: `It waits first: ${waits.reason}.` };
  }
  if (NEEDS_REASON.includes(kind) && given.reason.trim() === "") return off("Say why.");
  return { label, canConfirm: true, why: "" };
}

export const RESULTS: Readonly<Record<string, string>> = {
  promoted: "promoted",
  approved: "approved",
  held: "held",
  resumed: "resumed",
  verifying: "is verified again",
  quarantined: "quarantined",
  released: "released",
  refused: "refused",
};
