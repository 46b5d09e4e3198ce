import { useMemo, useState, type ReactNode } from "react";
import { folded, linesOf, sideBySide, words, type DiffLine, type Piece } from "./diff.ts";
import styles from "./diff.module.css";

export interface DiffViewProps {
  readonly patch: string;
  readonly label: string;
  readonly isSplit: boolean;
}

/** More lines than that come when they are asked for. */
const AT_ONCE = 1_000;

/** The lines of one file that differ, with a sign and a colour each, and the words that differ within them. */
export function DiffView({ patch, label, isSplit }: DiffViewProps) {
  const lines = useMemo(() => linesOf(patch), [patch]);
  const [most, setMost] = useState(AT_ONCE);
  const pieces = useMemo(() => piecesOf(lines.slice(0, most)), [lines, most]);
  const shown = lines.slice(0, most);
  return (
    <div className={styles.box}>
      <table className={styles.diff} aria-label={label}>
        <tbody>{isSplit ? <Split lines={shown} pieces={pieces} /> : shown.map((line, place) => <Unified key={place} line={line} gap={folded(lines, place)} pieces={pieces.get(line)} />)}</tbody>
      </table>
      {lines.length > most && (
        <button type="button" className={styles.more} onClick={() => setMost(lines.length)}>
          Show {lines.length - most} more lines
        </button>
      )}
    </div>
  );
}

const SIGN = { added: "+", removed: "−", same: "", note: "", hunk: "" } as const;

function Unified({ line, gap, pieces }: { readonly line: DiffLine; readonly gap: number; readonly pieces: readonly Piece[] | undefined }) {
  if (line.kind === "hunk") return <Fold gap={gap} span={4} />;
  const isChange = line.kind === "added" || line.kind === "removed";
  return (
    <tr className={styles[line.kind]} data-change={isChange ? "" : undefined}>
      <td className={styles.number}>{line.before || ""}</td>
      <td className={styles.number}>{line.after || ""}</td>
      <td className={styles.sign}>{SIGN[line.kind]}</td>
      <td className={styles.text}>{textOf(line, pieces)}</td>
    </tr>
  );
}

function Split({ lines, pieces }: { readonly lines: readonly DiffLine[]; readonly pieces: ReadonlyMap<DiffLine, readonly Piece[]> }) {
  return sideBySide(lines).map(({ left, right }, place) => {
    if (left?.kind === "hunk") return <Fold key={place} gap={folded(lines, lines.indexOf(left))} span={6} />;
    return (
      <tr key={place} data-change={left !== right ? "" : undefined}>
        <Side line={left} number={left?.before} pieces={left === null ? undefined : pieces.get(left)} />
        <Side line={right} number={right?.after} pieces={right === null ? undefined : pieces.get(right)} />
      </tr>
    );
  });
}

function Side({ line, number, pieces }: { readonly line: DiffLine | null; readonly number: number | undefined; readonly pieces: readonly Piece[] | undefined }) {
  const kind = line === null ? styles.nothing : styles[line.kind];
  return (
    <>
      <td className={`${styles.number} ${kind}`}>{number === undefined || number === 0 ? "" : number}</td>
      <td className={`${styles.sign} ${kind}`}>{line === null ? "" : SIGN[line.kind]}</td>
      <td className={`${styles.text} ${styles.half} ${kind}`}>{line === null ? "" : textOf(line, pieces)}</td>
    </>
  );
}

function Fold({ gap, span }: { readonly gap: number; readonly span: number }) {
  return (
    <tr className={styles.fold}>
      <td colSpan={span}>{gap === 0 ? "" : `${gap} ${gap === 1 ? "line is" : "lines are"} the same`}</td>
    </tr>
  );
}

function textOf(line: DiffLine, pieces: readonly Piece[] | undefined): ReactNode {
  if (pieces === undefined) return line.text;
  return pieces.map((each, place) => (each.isChanged ? <mark key={place}>{each.text}</mark> : each.text));
}

/** Words that differ, of lines that stand in each other's place. */
function piecesOf(lines: readonly DiffLine[]): ReadonlyMap<DiffLine, readonly Piece[]> {
  const found = new Map<DiffLine, readonly Piece[]>();
  for (const { left, right } of sideBySide(lines)) {
    if (left?.kind !== "removed" || right?.kind !== "added") continue;
    const [before, after] = words(left.text, right.text);
    // Where nothing is the same, marking all of it says nothing.
    if (!before.some((each) => !each.isChanged && each.text.trim() !== "")) continue;
    found.set(left, before);
    found.set(right, after);
  }
  return found;
}
