/** An explanation as the server sends it (docs/reference/gates.md), in the order in which people ask. */
import type { WireExplain, WireGate } from "../api/documents.ts";
import { seconds } from "../api/paths.ts";

/** What opens a gate: a move that has a sheet of its own, or something else, by the command for it. */
export interface Remedy {
  readonly verb: string;
  readonly command: string;
}

/** An object of the Project by which a gate is open or shut. */
export interface EvidenceOf {
  readonly kind: string;
  readonly name: string;
}

export interface Gate {
  readonly name: string;
  readonly isOpen: boolean;
  readonly reason: string;
  readonly bars: string;
  /** Seconds since 1970; 0: time alone does not open it. */
  readonly opensAt: number;
  readonly opensBy: readonly string[];
  readonly command: string;
  readonly remedy: Remedy | null;
  /** Those who may do that now: people, groups, claims. */
  readonly who: readonly string[];
  /** What says so, the most telling first. */
  readonly evidence: readonly EvidenceOf[];
}

/** A Stage behind, and when the Freight could come there. */
export interface Onward {
  readonly stage: string;
  readonly state: string;
  readonly gate: string;
  /** Seconds since 1970; 0: not known. */
  readonly earliest: number;
  readonly latest: number;
}

export interface Explanation {
  readonly freight: string;
  readonly alias: string;
  readonly origin: string;
  readonly gates: readonly Gate[];
  readonly waitingFor: string;
  readonly onward: readonly Onward[];
  /** When it could be there at the earliest, as the server reckons, in seconds since 1970; 0: nobody can tell, or nothing keeps it. */
  readonly soonest: number;
}

export function readExplanations(document: WireExplain): readonly Explanation[] {
  const several = document.explanations ?? [];
  return (several.length > 0 ? several : [document]).map((each) => ({
    freight: each.freight ?? "",
    alias: each.alias ?? "",
    origin: each.origin ?? "",
    gates: (each.gates ?? []).map(readGate),
    waitingFor: (each as { readonly waitingFor?: string }).waitingFor ?? "",
    onward: (each.then ?? []).map(({ stage, state, gate = "", earliest = 0, latest = 0 }) => ({ stage, state, gate, earliest, latest })),
    soonest: seconds(each.soonest),
  }));
}

function readGate(wire: WireGate): Gate {
  return {
    name: wire.name,
    isOpen: wire.open,
    reason: wire.reason ?? wire.name,
    bars: wire.bars ?? "promotion",
    opensAt: seconds(wire.opensAt),
    opensBy: wire.opensBy ?? [],
    command: wire.command ?? "",
    remedy: wire.remedy === undefined || wire.remedy === null || wire.open ? null : { verb: wire.remedy.verb, command: wire.remedy.command ?? "" },
    who: wire.who ?? [],
    evidence: wire.evidence ?? [],
  };
}

const HARDEST_FIRST = ["promotion", "success", "start", "autoPromotion", "newFreight"];

/** Shut ones first, those that nobody can pass by before those that only keep it from going by itself. */
export function ordered(gates: readonly Gate[]): readonly Gate[] {
  const rank = (gate: Gate) => Number(gate.isOpen) * 10 + HARDEST_FIRST.indexOf(gate.bars);
  return gates.map((gate, place) => ({ gate, place })).sort((a, b) => rank(a.gate) - rank(b.gate) || a.place - b.place).map(({ gate }) => gate);
}

/** The answer in one sentence. */
export function summary(explanation: Explanation): string {
  const shut = ordered(explanation.gates).filter((each) => !each.isOpen);
  const is = (name: string) => explanation.gates.some((each) => each.name === name && !each.isOpen);
  const hard = shut.filter((each) => each.bars === "promotion");
  if (hard[0] !== undefined) return hard.length === 1 ? "One gate is shut." : `${hard.length} gates are shut; the first is ${hard[0].name}.`;
  if (is("present")) return "It is there.";
  if (is("carried")) return "It is on its way.";
  if (shut.some((each) => each.bars === "success")) return "It can be asked for, and would fail.";
  if (is("policy")) return "Nothing keeps it: auto-promotion is off here, and nobody asked.";
  if (shut.some((each) => each.bars === "autoPromotion")) return "It can go when somebody asks; by itself it does not.";
  if (shut.some((each) => each.bars === "start")) return "It can be asked for, and waits for its turn.";
  return "Nothing keeps it.";
}

/** When the Freight could be in its Stage, in seconds since 1970; 0 where a gate itself says so, or nobody can tell. It is what `towpath why` says. */
export function soonest(explanation: Explanation): number {
  const at = explanation.soonest;
  return explanation.gates.some((each) => !each.isOpen && each.opensAt === at) ? 0 : at;
}
