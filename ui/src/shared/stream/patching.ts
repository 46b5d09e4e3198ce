/** Merging patches into documents, as docs/reference/board.md says. Documents are never changed: what moved is new. */

export interface Patch {
  readonly t: string;
  readonly k: string;
  readonly set: unknown;
}

export type Document = Readonly<Record<string, unknown>> & { readonly rev: number };

interface Member {
  readonly name: string;
}

const LISTS = new Set(["stages", "freight", "lanes", "projects"]);

/** The document with several patches in it, at the revision of the last. */
export function patched(document: Document, patches: readonly Patch[], rev: number): Document {
  const next: Record<string, unknown> = { ...document, rev: Math.max(rev, document.rev) };
  const byList = new Map<string, Map<string, unknown>>();
  for (const { k, set } of patches) {
    const slash = k.indexOf("/");
    const list = slash === -1 ? "" : k.slice(0, slash);
    if (LISTS.has(list)) {
      const changes = byList.get(list) ?? new Map<string, unknown>();
      const name = k.slice(slash + 1);
      changes.set(name, changes.has(name) ? merged(changes.get(name), set) : set);
      byList.set(list, changes);
    } else if (k === "") {
      Object.assign(next, set);
    } else {
      next[k] = set;
    }
  }
  for (const [list, changes] of byList) next[list] = withMembers(next[list], list, changes);
  return next as Document;
}

function withMembers(before: unknown, list: string, changes: ReadonlyMap<string, unknown>): readonly Member[] {
  const members = new Map((Array.isArray(before) ? (before as Member[]) : []).map((each) => [each.name, each]));
  for (const [name, set] of changes) {
    if (set === null) members.delete(name);
    else members.set(name, { ...dropped(merged(members.get(name), set)), name });
  }
  return [...members.values()].sort(ORDER[list] ?? byName);
}

/** Two changes after each other as one: a null stays, because it takes away what was there before. */
function merged(before: unknown, set: unknown): unknown {
  if (set === null || typeof set !== "object") return set;
  return { ...(typeof before === "object" ? before : {}), ...set };
}

function dropped(member: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(member as Record<string, unknown>).filter(([, value]) => value !== null));
}

const byName = (a: Member, b: Member): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const field = (member: Member, name: string): number => {
  const found = (member as unknown as Record<string, unknown>)[name];
  return typeof found === "number" ? found : 0;
};
const ORDER: Readonly<Record<string, (a: Member, b: Member) => number>> = {
  stages: (a, b) =>
    field(a, "row") - field(b, "row") || field(a, "col") - field(b, "col") || field(a, "ord") - field(b, "ord") || byName(a, b),
  freight: (a, b) => field(b, "time") - field(a, "time") || byName(a, b),
};
