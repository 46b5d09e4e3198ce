/** An explanation as the server sends it (docs/reference/gates.md), in the order in which people ask. */

interface WireGate {
  readonly name: string;
  readonly open: boolean;
  readonly reason?: string;
  readonly bars?: string;
  readonly opensAt?: string | null;
  readonly opensBy?: readonly string[];
  readonly command?: string;
}

interface WireExplanation {
  readonly freight?: string;
  readonly alias?: string;
  readonly origin?: string;
  readonly gates?: readonly WireGate[];
  readonly waitingFor?: string | null;
}

export interface WireExplain extends WireExplanation {
  readonly stage: string;
  readonly explanations?: readonly WireExplanation[];
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
}

export interface Explanation {
  readonly freight: string;
  readonly alias: string;
  readonly origin: string;
  readonly gates: readonly Gate[];
  readonly waitingFor: string;
}

export function readExplanations(document: WireExplain): readonly Explanation[] {
  return (document.explanations ?? [document]).map((each) => ({
    freight: each.freight ?? "",
    alias: each.alias ?? "",
    origin: each.origin ?? "",
    gates: (each.gates ?? []).map(readGate),
    waitingFor: each.waitingFor ?? "",
  }));
}

function readGate(wire: WireGate): Gate {
  const opensAt = Date.parse(wire.opensAt ?? "");
  return {
    name: wire.name,
    isOpen: wire.open,
    reason: wire.reason ?? wire.name,
    bars: wire.bars ?? "promotion",
    opensAt: Number.isNaN(opensAt) ? 0 : opensAt / 1000,
    opensBy: wire.opensBy ?? [],
    command: wire.command ?? "",
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
