import { useMemo, useRef } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Age } from "@/shared/parts/Age.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { person } from "@/shared/people.ts";
import type { Lens } from "@/shared/lens/lens.ts";
import { pressedSort, readSort, sorted, type SortColumn } from "./list.ts";
import type { BoardInfo } from "./read.ts";
import { artifactsOf, lensLine, thirdLine, versionOf } from "./words.ts";
import styles from "./list.module.css";

export interface ListViewProps {
  readonly board: BoardInfo;
  readonly lens: Lens | null;
  readonly selected: ReadonlySet<string>;
  /** The order, as the address has it. */
  readonly sort: string | undefined;
  readonly onSort: (sort: string) => void;
  readonly onSelect: (names: readonly string[], isAdding: boolean) => void;
  readonly onOpen: (stage: string) => void;
}

const ROW = 36;
const COLUMNS: readonly (readonly [SortColumn, string])[] = [
  ["name", "Stage"],
  ["state", "State"],
  ["version", "Version"],
  ["since", "Since"],
  ["behind", "Behind"],
  ["actor", "By"],
];

/** The same Stages as a dense table: to sort, and to take several at once. */
export function ListView({ board, lens, selected, sort: wanted, onSort, onSelect, onOpen }: ListViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const now = useNow(10);
  const sort = useMemo(() => readSort(wanted), [wanted]);
  const stages = useMemo(() => sorted(board, sort.column, sort.isDown), [board, sort]);
  const virtual = useVirtualizer({ count: stages.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  const items = virtual.getVirtualItems();
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // A box that scrolls is reached by the keyboard as well.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.box} ref={box} tabIndex={0} role="region" aria-label="Stages">
      <table className={styles.table} aria-rowcount={stages.length + 1}>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Select all Stages"
                checked={stages.length > 0 && stages.every((each) => selected.has(each.name))}
                onChange={(event) => onSelect(event.target.checked ? stages.map((each) => each.name) : [], false)}
              />
            </th>
            {COLUMNS.map(([column, label]) => (
              <th key={column} scope="col" aria-sort={sort.column === column ? (sort.isDown ? "descending" : "ascending") : undefined}>
                <button type="button" className={styles.sort} onClick={() => onSort(pressedSort(sort, column))}>
                  {label}
                  <span aria-hidden="true">{sort.column === column ? (sort.isDown ? " ↓" : " ↑") : ""}</span>
                </button>
              </th>
            ))}
            <th scope="col">{lens === null ? "What it waits for" : "The selected Freight"}</th>
          </tr>
        </thead>
        <tbody>
          {(items[0]?.start ?? 0) > 0 && <tr style={{ height: items[0]?.start }} />}
          {items.map(({ index }) => {
            const stage = stages[index];
            if (stage === undefined) return null;
            const cell = lens?.get(stage.name);
            const versions = artifactsOf(stage, board.freight).map(versionOf);
            return (
              <tr key={stage.name} aria-rowindex={index + 2} style={{ height: ROW }} className={selected.has(stage.name) ? styles.selected : ""}>
                <td>
                  <input type="checkbox" aria-label={`Select ${stage.name}`} checked={selected.has(stage.name)} onChange={() => onSelect([stage.name], true)} />
                </td>
                <th scope="row">
                  <button type="button" className={styles.open} onClick={() => onOpen(stage.name)}>
                    {stage.name}
                  </button>
                </th>
                <td>
                  <StateWord meaning={stage.meaning} />
                </td>
                <td className={styles.versions}>
                  {versions.slice(0, 3).map((each, place) => (
                    <Version key={place} text={each} />
                  ))}
                  {versions.length > 3 && <span>+{versions.length - 3}</span>}
                </td>
                <td>{stage.since > 0 && <Age since={stage.since} />}</td>
                <td>{stage.behind > 0 ? stage.behind : ""}</td>
                <td>{stage.actor === "" ? "" : person(stage.actor)}</td>
                <td className={styles.line}>{cell === undefined ? thirdLine(stage, now) : `${cell.meaning.word} ${lensLine(cell, now)}`.trim()}</td>
              </tr>
            );
          })}
          {after > 0 && <tr style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}
