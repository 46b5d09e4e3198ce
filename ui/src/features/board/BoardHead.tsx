import { StateWord } from "@/shared/state/StateWord.tsx";
import { WORST_FIRST } from "@/shared/state/roles.ts";
import { useLiveness } from "@/shared/services.ts";
import { SavedViews } from "@/shared/views/SavedViews.tsx";
import { placeOf } from "@/shared/views/read.ts";
import { csv } from "./list.ts";
import { useMove } from "./moves.ts";
import type { BoardInfo } from "./read.ts";
import { PASSING, type BoardSearch } from "./search.ts";
import type { BoardChange } from "./useAddress.ts";
import styles from "./board.module.css";

export interface BoardHeadProps {
  readonly board: BoardInfo;
  readonly search: BoardSearch;
  readonly isTimed: boolean;
  readonly onTime: () => void;
  readonly onChange: (next: BoardChange) => void;
}

/** The Project's name, how many of its Stages are in which state, a filter, what was saved, the time bar, and board or list. */
export function BoardHead({ board, search, isTimed, onTime, onChange }: BoardHeadProps) {
  const view = search.view ?? "board";
  return (
    <header className={styles.head}>
      <h1 className={styles.title}>{board.project}</h1>
      <ul className={styles.counts}>
        {countsOf(board).map(({ word, role, count }) => (
          <li key={word}>
            <StateWord meaning={{ role, word: `${count} ${word.toLowerCase()}` }} />
          </li>
        ))}
        {board.more > 0 && <li>{board.more} more Stages are not shown</li>}
      </ul>
      <search className={styles.tools}>
        <input id="filter" type="search" className={styles.filter} aria-label="Stage, version or state" placeholder="Filter  /" value={search.q ?? ""} onChange={(event) => onChange({ q: event.target.value })} />
        <SavedViews here={placeOf("board", board.project, search, PASSING)} />
        <button type="button" className={styles.time} aria-pressed={isTimed} onClick={onTime}>
          Time
        </button>
        <div className={styles.switch} role="group" aria-label="View">
          {(["board", "list"] as const).map((each) => (
            <button key={each} type="button" aria-pressed={view === each} onClick={() => onChange({ view: each === "list" ? "list" : undefined })}>
              {each === "board" ? "Board" : "List"}
            </button>
          ))}
        </div>
      </search>
    </header>
  );
}

function countsOf(board: BoardInfo) {
  const words = [...new Set(board.stages.filter((each) => !each.isFlow).map((each) => each.meaning.word))];
  return words
    .map((word) => {
      const there = board.stages.filter((each) => each.meaning.word === word && !each.isFlow);
      return { word, role: there[0]?.meaning.role ?? "none", count: there.length };
    })
    .sort((a, b) => WORST_FIRST.indexOf(a.role) - WORST_FIRST.indexOf(b.role));
}

export interface SelectionBarProps {
  readonly board: BoardInfo;
  readonly selected: ReadonlySet<string>;
  readonly onClear: () => void;
}

const SEVERAL = { promote: "Promote", rollback: "Roll back", hold: "Hold", verify: "Verify" } as const;

/** What can be done with several Stages at once. */
export function SelectionBar({ board, selected, onClear }: SelectionBarProps) {
  const move = useMove();
  const { mayAct } = useLiveness();
  const stages = board.stages.filter((each) => selected.has(each.name));
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv(board, stages)], { type: "text/csv" }));
    link.download = `${board.project}-stages.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className={styles.selection} role="group" aria-label="Selected Stages">
      <strong>
        {stages.length} {stages.length === 1 ? "Stage" : "Stages"}
      </strong>
      {(["promote", "rollback", "hold", "verify"] as const).map((kind) => (
        <button key={kind} type="button" disabled={!mayAct} title={mayAct ? undefined : "What is shown may be out of date"} onClick={() => move(kind, stages.map((each) => each.name))}>
          {SEVERAL[kind]}
        </button>
      ))}
      <button type="button" onClick={() => void navigator.clipboard.writeText(stages.map((each) => each.name).join("\n"))}>
        Copy names
      </button>
      <button type="button" onClick={save}>
        Save as CSV
      </button>
      <button type="button" onClick={onClear}>
        Clear
      </button>
    </div>
  );
}
