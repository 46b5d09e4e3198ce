/**
 * What somebody typed and has not saved, in this tab and nowhere else: it outlives a reload and a session, and whoever signs out
 * leaves nothing. Secrets are never edited as text, and so never come here.
 */

/** An object as it was when somebody began to change it. */
export interface Version {
  readonly text: string;
  /** Empty: it is not there yet. */
  readonly revision: string;
}

export interface Draft {
  readonly base: Version;
  readonly text: string;
}

interface Kept extends Draft {
  readonly who: string;
  /** Counts up: the oldest are dropped first. */
  readonly turn: number;
}

const PREFIX = "towpath.draft:";
const MOST = 20;
const MOST_CHARACTERS = 500_000;

/** The draft of an object that this person left in this tab; null where there is none. */
export function keptDraft(address: string, who: string): Draft | null {
  const found = readOne(PREFIX + address);
  return found?.who === who ? { base: found.base, text: found.text } : null;
}

/** Keep a draft, or none. A browser that keeps nothing is no error: the text is on the page. */
export function keepDraft(address: string, who: string, draft: Draft | null): void {
  try {
    if (draft === null || draft.text.length + draft.base.text.length > MOST_CHARACTERS) {
      sessionStorage.removeItem(PREFIX + address);
      return;
    }
    const others = keys().filter((key) => key !== PREFIX + address);
    const turns = others.map((key) => ({ key, turn: readOne(key)?.turn ?? 0 })).sort((left, right) => right.turn - left.turn);
    for (const { key } of turns.slice(MOST - 1)) sessionStorage.removeItem(key);
    const kept: Kept = { ...draft, who, turn: (turns[0]?.turn ?? 0) + 1 };
    sessionStorage.setItem(PREFIX + address, JSON.stringify(kept));
  } catch {
    // Full, or switched off.
  }
}

export function forgetDrafts(): void {
  try {
    for (const key of keys()) sessionStorage.removeItem(key);
  } catch {
    // There is none then.
  }
}

const keys = (): string[] => Array.from({ length: sessionStorage.length }, (_, place) => sessionStorage.key(place) ?? "").filter((key) => key.startsWith(PREFIX));

function readOne(key: string): Kept | null {
  try {
    const { base, text, who, turn = 0 } = (JSON.parse(sessionStorage.getItem(key) ?? "null") ?? {}) as Partial<Kept>;
    if (typeof text !== "string" || typeof who !== "string" || typeof base?.text !== "string" || typeof base.revision !== "string") return null;
    return { base, text, who, turn };
  } catch {
    return null;
  }
}
