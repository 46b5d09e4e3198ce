/** What one Freight means to every Stage: the lens, as the server sends it. */
import type { LensEntry, WireLens } from "@/shared/api/documents.ts";
import { LENS, meaning, type Meaning } from "@/shared/state/roles.ts";
import { moment, span } from "@/shared/time/words.ts";

export interface LensCell {
  readonly state: string;
  readonly meaning: Meaning;
  readonly gate: string;
  readonly opensAt: number;
  readonly earliest: number;
  readonly latest: number;
}

export type Lens = ReadonlyMap<string, LensCell>;

export function readLens(document: WireLens): Lens {
  return new Map(Object.entries(document.stages).map(([stage, entry]) => [stage, readEntry(entry)]));
}

function readEntry([state, gate, opensAt, arrives]: LensEntry): LensCell {
  const [earliest, latest] = Array.isArray(arrives) ? (arrives as readonly [number, number]) : [0, 0];
  const place: number = state === "queued" && typeof gate === "number" ? gate : 0;
  return {
    state,
    meaning: state === "queued" && place > 0 ? { role: "wait", word: `queued ${place}` } : state === "queued" ? { role: "run", word: "on its way" } : meaning(LENS, state),
    gate: typeof gate === "string" ? gate : "",
    opensAt: typeof opensAt === "number" ? opensAt : 0,
    earliest,
    latest,
  };
}

/** When the Freight could arrive, as a range where it is one: never a single minute that is not known. */
export function arrival(cell: Pick<LensCell, "earliest" | "latest">, now: number): string {
  if (cell.earliest === 0) return "";
  const from = cell.earliest <= now + 60 ? "now" : moment(cell.earliest, now);
  if (cell.latest === 0) return `${from} at the earliest`;
  if (cell.latest - cell.earliest < 120) return `≈ ${from}`;
  return `${from} – ${moment(cell.latest, now)}`;
}

/** Gates by the words that people use; their names are those of docs/reference/gates.md. */
const GATES: Readonly<Record<string, string>> = {
  stage: "the Stage cannot be promoted to",
  requested: "the Stage does not ask for it",
  exists: "the Freight is gone",
  verified: "not verified upstream",
  soaked: "soaks upstream",
  approved: "needs an approval",
  window: "outside the promotion window",
  upstream: "not in the Stage before it",
  quarantine: "in quarantine",
  tasks: "a task is missing",
  policy: "not by itself: press Promote",
  hold: "held",
  newest: "a newer one goes first",
  present: "it is there",
  carried: "a Promotion of it is under way",
  tried: "failed here before",
  refusal: "was refused",
  steps: "its steps cannot be run",
  turn: "waits for its turn",
  hooks: "waits for a hook",
  sources: "no way in",
  warehouse: "the Warehouse cannot look",
};

/** The gate that time alone opens, whoever waits. */
const SOAKING = "soaked";

export const gateWords = (gate: string): string => (Object.hasOwn(GATES, gate) ? (GATES[gate] ?? gate) : gate);

/** What blocks, and when time opens it: `soaks upstream until 14:10 (2 h left)`, `outside the promotion window, opens 09:00 (in 2 h)`. */
export function blockerWords(gate: string, opensAt: number, now: number): string {
  const what = gateWords(gate);
  if (opensAt === 0) return what;
  if (opensAt <= now) return `${what}, opens now`;
  const [when, left] = [moment(opensAt, now), span(opensAt - now)];
  return gate === SOAKING ? `${what} until ${when} (${left} left)` : `${what}, opens ${when} (in ${left})`;
}
