import { Link } from "@tanstack/react-router";
import { Age } from "@/shared/parts/Age.tsx";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { STAGE, meaning } from "@/shared/state/roles.ts";
import type { TroubleLine } from "./read.ts";
import styles from "./overview.module.css";

const MOST = 8;

/** What failed, is unwell or cannot be looked at, each in one line with the first line of the error. */
export function TroubleList({ lines }: { readonly lines: readonly TroubleLine[] }) {
  return (
    <section aria-labelledby="trouble">
      <div className={styles.head}>
        <h2 id="trouble">Trouble</h2>
        <span className={styles.muted}>{lines.length === 0 ? "Nothing failed, nothing is unwell" : `${lines.length}`}</span>
      </div>
      {lines.length > 0 && (
        <ul className={styles.lines}>
          {lines.slice(0, MOST).map((line) => (
            <li key={`${line.project}/${line.stage}`} className={styles.line}>
              <StateWord meaning={line.stage.startsWith("warehouse/") ? { role: line.role, word: "Cannot look" } : { ...meaning(STAGE, line.phase), role: line.role }} tinted />
              <Link to="/p/$project" params={{ project: line.project }} className={styles.what}>
                {line.project} / {line.stage.replace("warehouse/", "Warehouse ")}
              </Link>
              <span className={styles.message}>{line.message}</span>
              {line.since > 0 && <Age since={line.since} />}
            </li>
          ))}
          {lines.length > MOST && <li className={styles.muted}>and {lines.length - MOST} more, in the table below</li>}
        </ul>
      )}
    </section>
  );
}
