import { useId, useState } from "react";
import { useNow } from "@/shared/services.ts";
import { Cell } from "./Cell.tsx";
import type { Lens } from "@/shared/lens/lens.ts";
import { CellTools } from "./CellTools.tsx";
import type { BoardInfo } from "./read.ts";
import { cellName } from "./words.ts";
import styles from "./phone.module.css";

export interface PhoneBoardProps {
  readonly board: BoardInfo;
  readonly lens: Lens | null;
  readonly onOpen: (stage: string) => void;
}

const NONE: ReadonlySet<string> = new Set();

const isMeant = (lens: Lens | null, stage: string): boolean => (lens?.get(stage)?.meaning.role ?? "none") !== "none";

/** The board on a narrow screen: one row at a time, its columns as sections. */
export function PhoneBoard({ board, lens, onOpen }: PhoneBoardProps) {
  const rows = [...new Set(board.stages.map((each) => each.row))].sort((a, b) => a - b);
  const [chosen, setChosen] = useState<number | null>(null);
  // Until somebody chooses a row it is the first that the selected Freight can go, else the first.
  const first = rows.find((each) => board.stages.some((stage) => stage.row === each && isMeant(lens, stage.name))) ?? rows[0] ?? 0;
  const row = chosen !== null && rows.includes(chosen) ? chosen : first;
  const now = useNow(10);
  const id = useId();
  const columns = [...new Set(board.stages.filter((each) => each.row === row).map((each) => each.col))].sort((a, b) => a - b);
  return (
    <div className={styles.board}>
      {rows.length > 1 && (
        <p className={styles.chooser}>
          <label htmlFor={id}>Row</label>
          <select id={id} value={row} onChange={(event) => setChosen(Number(event.target.value))}>
            {rows.map((each) => (
              <option key={each} value={each}>
                {board.rows[each] ?? `row ${each + 1}`}
              </option>
            ))}
          </select>
        </p>
      )}
      {columns.map((col) => (
        <section key={col} aria-label={board.columns[col]?.title ?? ""}>
          <h2 className={styles.column}>{board.columns[col]?.title}</h2>
          <ul className={styles.cells}>
            {board.stages
              .filter((each) => each.row === row && each.col === col)
              .map((stage) => (
                <li key={stage.name}>
                  <button type="button" className={styles.cell} onClick={() => onOpen(stage.name)}>
                    <span className="hidden">{cellName(stage, board.freight, lens?.get(stage.name), now)}</span>
                    <Cell stage={stage} freight={board.freight} lens={lens?.get(stage.name)} upstream={NONE} now={now} />
                  </button>
                  <CellTools stage={stage} isBelow />
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
