/** What was released from one to the other, as docs/reference/api.md tells of it. */
interface WireCommit {
  readonly id?: string;
  readonly subject?: string;
  readonly author?: string;
  readonly date?: string;
}

interface WireChange {
  readonly kind?: string;
  readonly name?: string;
  readonly origin?: string;
  readonly change?: string;
  readonly before?: string;
  readonly after?: string;
  readonly repoURL?: string;
  readonly commits?: readonly WireCommit[];
  readonly removedCommits?: readonly WireCommit[];
  readonly isCut?: boolean;
  readonly isRemovedCut?: boolean;
  readonly unknown?: string;
}

export interface WireCompare {
  readonly artifacts?: readonly WireChange[];
  readonly leftOut?: number;
  readonly notes?: string;
}

export interface CommitLine {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  readonly tickets: readonly string[];
  /** `feat` of `feat(web): a button`; "" where the subject has none. */
  readonly type: string;
}

export interface Change {
  readonly kind: string;
  readonly name: string;
  readonly change: string;
  readonly before: string;
  readonly after: string;
  readonly commits: readonly CommitLine[];
  readonly removed: readonly CommitLine[];
  readonly isCut: boolean;
  readonly unknown: string;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly leftOut: number;
  readonly notes: string;
  readonly summary: string;
}

export function readCompare(wire: WireCompare): Comparison {
  const changes = (wire.artifacts ?? []).map((each) => ({
    kind: each.kind ?? "",
    name: each.name ?? "",
    change: each.change ?? "",
    before: each.before ?? "",
    after: each.after ?? "",
    commits: (each.commits ?? []).map(readCommit),
    removed: (each.removedCommits ?? []).map(readCommit),
    isCut: each.isCut === true || each.isRemovedCut === true,
    unknown: each.unknown ?? "",
  }));
  return { changes, leftOut: wire.leftOut ?? 0, notes: wire.notes ?? "", summary: summary(changes) };
}

function readCommit({ id = "", subject = "", author = "" }: WireCommit): CommitLine {
  return {
    id,
    subject,
    author: author.replace(/\s*<[^>]*>$/, ""),
    tickets: [...new Set(subject.match(/\b[A-Z][A-Z0-9]+-\d+\b/g) ?? [])],
    type: /^([a-z]+)(\([^)]*\))?!?: /.exec(subject)?.[1] ?? "",
  };
}

const counted = (count: number, one: string, many: string): string => (count === 0 ? "" : `${count} ${count === 1 ? one : many}`);

function summary(changes: readonly Change[]): string {
  const moved = changes.filter((each) => each.change !== "same");
  if (moved.length === 0) return "Nothing is different.";
  const commits = moved.flatMap((each) => each.commits);
  const removed = moved.flatMap((each) => each.removed);
  const distinct = (of: readonly string[]) => new Set(of.filter((each) => each !== "")).size;
  const parts = [
    counted(moved.length, "artifact differs", "artifacts differ"),
    counted(commits.length, "commit", "commits"),
    removed.length === 0 ? "" : `${counted(removed.length, "commit", "commits")} taken back`,
    counted(distinct(commits.map((each) => each.author)), "author", "authors"),
    counted(distinct(commits.flatMap((each) => each.tickets)), "ticket", "tickets"),
  ];
  return `${parts.filter(Boolean).join(", ")}${moved.some((each) => each.isCut) ? "; some commits are left out" : ""}.`;
}

/** Commits by their conventional type, features and fixes first; those without one last. */
export function byType(commits: readonly CommitLine[]): readonly (readonly [type: string, commits: readonly CommitLine[]])[] {
  const rank = (type: string) => (type === "feat" ? 0 : type === "fix" ? 1 : type === "" ? 3 : 2);
  const types = [...new Set(commits.map((each) => each.type))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return types.map((type) => [type, commits.filter((each) => each.type === type)] as const);
}
