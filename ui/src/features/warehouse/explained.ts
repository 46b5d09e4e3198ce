/** What the server tells of how a Warehouse came to what it found: in words, and two such tellings beside one another. */
import type { Verdict, WireVerdicts, WireVerdictsOf } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import { bytes } from "@/shared/sizes.ts";
import type { Meaning } from "@/shared/state/roles.ts";

const OUTCOMES: Readonly<Record<Verdict["outcome"], Meaning>> = {
  wins: { role: "ok", word: "Wins" },
  offered: { role: "none", word: "Would do" },
  excluded: { role: "held", word: "Kept out" },
};

const STATES: Readonly<Record<NonNullable<WireVerdicts["freight"]>["state"], Meaning>> = {
  made: { role: "ok", word: "New Freight" },
  exists: { role: "none", word: "Freight that is there already" },
  settles: { role: "wait", word: "Settles first" },
  unmet: { role: "held", word: "Its criteria are not met" },
  manual: { role: "held", word: "Made by hand only" },
  lacking: { role: "wait", word: "Something is lacking" },
  failed: { role: "fail", word: "No Freight" },
};

export function stateOf(state: string): Meaning {
  return Object.hasOwn(STATES, state) ? STATES[state as keyof typeof STATES] : { role: "none", word: state };
}

export function outcomeOf(outcome: string): Meaning {
  return Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome as keyof typeof OUTCOMES] : { role: "none", word: outcome };
}

/** What has won: as a text, empty where nothing has. */
export const winnerOf = (subscription: Pick<WireVerdictsOf, "candidates">): string => subscription.candidates.find((each) => each.outcome === "wins")?.name ?? "";

/** The winner that a subscription has now, by which a trial is judged; null where it is not known, as of one that is new. */
export function winnerNow(now: WireVerdicts | undefined, trial: WireVerdictsOf): string | null {
  const same = (now?.subscriptions ?? []).filter((each) => each.type === trial.type && each.repoURL === trial.repoURL && each.name === trial.name);
  // Several on one repository are told apart by where they stand.
  const found = same.length === 1 ? same[0] : same.find((each) => each.place === trial.place);
  return found === undefined ? null : winnerOf(found);
}

/** Of two tellings the newer, of those that a look was made for; undefined where none was. */
export function newest(...told: readonly (WireVerdicts | undefined)[]): WireVerdicts | undefined {
  return told.filter((each) => each !== undefined && (each.explainedAt ?? null) !== null).sort((left, right) => seconds(right?.explainedAt) - seconds(left?.explainedAt))[0];
}

/** How many candidates each rule keeps out. */
export const countsOf = (excluded: WireVerdictsOf["excluded"]): string => excluded.map((each) => `${each.rule} ${each.count}`).join(", ");

export function spentWords(spent: Pick<NonNullable<WireVerdicts["spent"]>, "looks" | "requests" | "bytes">): string {
  return `${spent.looks} ${spent.looks === 1 ? "look" : "looks"}, ${spent.requests} ${spent.requests === 1 ? "request" : "requests"}, ${bytes(spent.bytes)}`;
}
