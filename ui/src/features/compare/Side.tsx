import { useMemo } from "react";
import type { WireBoard } from "@/shared/api/documents.ts";
import { called, namesOf } from "@/shared/board/names.ts";
import page from "@/shared/parts/page.module.css";
import styles from "./compare.module.css";

export interface SideProps {
  readonly label: string;
  readonly value: string;
  readonly board: WireBoard | null;
  readonly onChange: (value: string) => void;
}

/** One of the two: a Stage, as it is now, or Freight. What the address names is there even where the board has it not. */
export function Side({ label, value, board, onChange }: SideProps) {
  const names = useMemo(() => namesOf(board), [board]);
  const stages = (board?.stages ?? []).filter((each) => each.flow !== true).map((each) => each.name);
  const freight = [...names.values()].sort((one, two) => two.time - one.time);
  const named = freight.find((each) => value === `freight/${each.alias}`);
  const chosen = named === undefined ? value : `freight/${named.name}`;
  const isKnown = chosen === "" || stages.some((each) => chosen === `stage/${each}`) || freight.some((each) => chosen === `freight/${each.name}`);
  return (
    <label className={`${page.field} ${styles.side}`}>
      {label}
      <select className={page.input} value={chosen} onChange={(event) => onChange(event.target.value)}>
        <option value="">choose…</option>
        {!isKnown && <option value={chosen}>{chosen}</option>}
        <optgroup label="What is in a Stage now">
          {stages.map((each) => (
            <option key={each} value={`stage/${each}`}>
              {each}
            </option>
          ))}
        </optgroup>
        <optgroup label="Freight, the newest first">
          {freight.map((each) => (
            <option key={each.name} value={`freight/${each.name}`}>
              {called(names, each.name)} ({each.warehouse})
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}
