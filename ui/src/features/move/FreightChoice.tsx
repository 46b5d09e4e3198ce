import type { WireBoard } from "@/shared/api/documents.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { choicesOf, freightOf } from "./read.ts";
import styles from "./move.module.css";

export interface FreightChoiceProps {
  readonly board: WireBoard;
  readonly stages: readonly string[];
  readonly onChoose: (name: string) => void;
}

const MOST = 12;

/** Which Freight, where the sheet was opened without one: the newest first. */
export function FreightChoice({ board, stages, onChoose }: FreightChoiceProps) {
  const found = choicesOf(board, stages).slice(0, MOST);
  return (
    <section className={styles.section} aria-label="Which Freight">
      <h3>Which Freight?</h3>
      {found.length === 0 && <p className={styles.muted}>There is no Freight that could go there and is not there already.</p>}
      <ul className={styles.choices}>
        {found.map((each) => {
          const freight = freightOf(board, each.name);
          return (
            <li key={each.name}>
              <button type="button" className={styles.choice} onClick={() => onChoose(freight.alias || freight.name)}>
                <Version text={freight.versions[0] ?? freight.name.slice(0, 7)} most={32} strong />
                <span>{freight.alias}</span>
                <span className={styles.muted}>
                  {freight.warehouse}
                  {(each.time ?? 0) > 0 && (
                    <>
                      {", "}
                      <Age since={each.time ?? 0} /> old
                    </>
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
