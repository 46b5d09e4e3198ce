/** Lines of a patch, and the words that differ within two of them. */

export interface DiffLine {
  readonly kind: "hunk" | "same" | "added" | "removed" | "note";
  readonly text: string;
  /** Numbers of the line, 0 on the side where it is not. */
  readonly before: number;
  readonly after: number;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified patch; what stands before its first hunk says nothing that is not shown elsewhere. */
export function linesOf(patch: string): readonly DiffLine[] {
  const found: DiffLine[] = [];
  let [before, after, isInside] = [0, 0, false];
  for (const line of patch.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      [before, after, isInside] = [Number(hunk[1]), Number(hunk[2]), true];
      found.push({ kind: "hunk", text: line, before, after });
    } else if (!isInside) continue;
    else if (line.startsWith("+")) found.push({ kind: "added", text: line.slice(1), before: 0, after: after++ });
    else if (line.startsWith("-")) found.push({ kind: "removed", text: line.slice(1), before: before++, after: 0 });
    else if (line.startsWith("\\")) found.push({ kind: "note", text: line.slice(2), before: 0, after: 0 });
    else found.push({ kind: "same", text: line.slice(1), before: before++, after: after++ });
  }
  return found;
}

/** How many lines lie between a hunk and what was shown before it. */
export function folded(lines: readonly DiffLine[], place: number): number {
  const hunk = lines[place];
  if (hunk?.kind !== "hunk") return 0;
  const last = lines.slice(0, place).findLast((each) => each.before > 0 && each.kind !== "hunk");
  return Math.max(0, hunk.before - (last === undefined ? 1 : last.before + 1));
}

export interface Row {
  readonly left: DiffLine | null;
  readonly right: DiffLine | null;
}

/** The lines side by side: what was taken away stands beside what came in its place. */
export function sideBySide(lines: readonly DiffLine[]): readonly Row[] {
  const rows: Row[] = [];
  for (let place = 0; place < lines.length; ) {
    const line = lines[place];
    if (line === undefined) break;
    if (line.kind !== "removed" && line.kind !== "added") {
      rows.push({ left: line, right: line });
      place += 1;
      continue;
    }
    const removed = run(lines, place, "removed");
    const added = run(lines, place + removed.length, "added");
    for (let each = 0; each < Math.max(removed.length, added.length); each += 1) rows.push({ left: removed[each] ?? null, right: added[each] ?? null });
    place += removed.length + added.length;
  }
  return rows;
}

function run(lines: readonly DiffLine[], from: number, kind: DiffLine["kind"]): readonly DiffLine[] {
  let to = from;
  while (lines[to]?.kind === kind) to += 1;
  return lines.slice(from, to);
}

export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

const MOST_WORDS = 200;

/** Both lines in pieces; those that differ are marked. A line without a partner, or a very long one, is one piece. */
export function words(before: string, after: string): readonly [readonly Piece[], readonly Piece[]] {
  const a = before.match(/\w+|\s+|./gu) ?? [];
  const b = after.match(/\w+|\s+|./gu) ?? [];
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) return [[{ text: before, isChanged: true }], [{ text: after, isChanged: true }]];
  const longest = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = longest[i] ?? [];
    for (let j = b.length - 1; j >= 0; j -= 1) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const [left, right]: [Piece[], Piece[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push(left, a[i++] ?? "", false);
      push(right, b[j++] ?? "", false);
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) push(left, a[i++] ?? "", true);
    else push(right, b[j++] ?? "", true);
  }
  return [left, right];
}

function push(pieces: Piece[], text: string, isChanged: boolean): void {
  const last = pieces.at(-1);
  if (last?.isChanged === isChanged) pieces[pieces.length - 1] = { text: last.text + text, isChanged };
  else pieces.push({ text, isChanged });
}
