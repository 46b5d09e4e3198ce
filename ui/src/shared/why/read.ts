/** An explanation as the server sends it (docs/reference/gates.md): the order of gates and their words are the server's. */
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
  /** What it means that it is shut, the beginning of a sentence; empty where it is open. */
  readonly means: string;
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
  /** What the gates amount to, in one sentence. */
  readonly summary: string;
  /** In the order in which people read them: those that are shut first. */
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
    summary: each.summary ?? "",
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
    means: wire.means ?? "",
    opensAt: seconds(wire.opensAt),
    opensBy: wire.opensBy ?? [],
    command: wire.command ?? "",
    remedy: wire.remedy === undefined || wire.remedy === null || wire.open ? null : { verb: wire.remedy.verb, command: wire.remedy.command ?? "" },
    who: wire.who ?? [],
    evidence: wire.evidence ?? [],
  };
}

/** When the Freight could be in its Stage, in seconds since 1970; 0 where a gate itself says so, or nobody can tell. It is what `towpath why` says. */
export function soonest(explanation: Explanation): number {
  const at = explanation.soonest;
  return explanation.gates.some((each) => !each.isOpen && each.opensAt === at) ? 0 : at;
}
