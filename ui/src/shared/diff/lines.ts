/** What differs between two texts, line by line: as ranges, as a patch, and as both changes in one. Pure, and bounded. */

export interface Change {
  /** The lines `from` up to before `to` of the first text are replaced by these. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** Larger differences are one change: the table of common lines would have more members. */
const MOST_CELLS = 1_000_000;
const CONTEXT = 3;

const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** The changes that make the second text of the first, in order and never touching one another. */
export function changes(before: string, after: string): readonly Change[] {
  return between(linesOf(before), linesOf(after));
}

function between(a: readonly string[], b: readonly string[]): readonly Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length === 0 && right.length === 0) return [];
  if (left.length * right.length > MOST_CELLS) return [{ from: start, to: start + left.length, lines: right }];
  return walked(left, right, start);
}

/** By the longest list of lines that both have. */
function walked(a: readonly string[], b: readonly string[], offset: number): readonly Change[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) for (let j = b.length - 1; j >= 0; j -= 1) longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const found: Change[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i += 1;
      j += 1;
      continue;
    }
    const [from, first] = [i, j];
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) i += 1;
      else j += 1;
    }
    found.push({ from: offset + from, to: offset + i, lines: b.slice(first, j) });
  }
  return found;
}

/** A unified patch with three lines around each change; empty where nothing differs. */
export function patchOf(before: string, after: string): string {
  const lines = linesOf(before);
  let shift = 0;
  return together(changes(before, after))
    .map((group) => {
      const [first, last] = [group[0]?.from ?? 0, group.at(-1)?.to ?? 0];
      const [from, to] = [Math.max(0, first - CONTEXT), Math.min(lines.length, last + CONTEXT)];
      const body: string[] = [];
      let place = from;
      let added = 0;
      for (const each of group) {
        body.push(...lines.slice(place, each.from).map((line) => ` ${line}`), ...lines.slice(each.from, each.to).map((line) => `-${line}`), ...each.lines.map((line) => `+${line}`));
        place = each.to;
        added += each.lines.length - (each.to - each.from);
      }
      body.push(...lines.slice(place, to).map((line) => ` ${line}`));
      const head = `@@ -${from + 1},${to - from} +${from + 1 + shift},${to - from + added} @@`;
      shift += added;
      return [head, ...body].join("\n");
    })
    .join("\n");
}

/** Changes so near to one another that their context meets. */
function together(all: readonly Change[]): readonly (readonly Change[])[] {
  const groups: Change[][] = [];
  for (const each of all) {
    const last = groups.at(-1);
    if (last !== undefined && each.from - (last.at(-1)?.to ?? 0) <= 2 * CONTEXT) last.push(each);
    else groups.push([each]);
  }
  return groups;
}

/** Both changes of a text in one; null where they are about the same lines, or lines beside one another. */
export function merged(base: string, mine: string, theirs: string): string | null {
  const [ours, others] = [changes(base, mine), changes(base, theirs)];
  const all: Change[] = [...ours];
  for (const each of others) {
    const near = ours.filter((own) => own.from <= each.to && each.from <= own.to);
    if (near.some((own) => own.from === each.from && own.to === each.to && own.lines.join("\n") === each.lines.join("\n"))) continue;
    if (near.length > 0) return null;
    all.push(each);
  }
  const lines = [...linesOf(base)];
  for (const each of all.sort((left, right) => right.from - left.from)) lines.splice(each.from, each.to - each.from, ...each.lines);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
