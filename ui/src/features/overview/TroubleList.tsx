import { Link } from "@tanstack/react-router";
import { Age } from "@/shared/parts/Age.tsx";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import page from "@/shared/parts/page.module.css";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { STAGE, meaning } from "@/shared/state/roles.ts";
import type { TroubleLine } from "./read.ts";
import styles from "./overview.module.css";

const MOST = 8;
const WAREHOUSE = "warehouse/";

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
              <StateWord meaning={line.stage.startsWith(WAREHOUSE) ? { role: line.role, word: "Cannot look" } : { ...meaning(STAGE, line.phase), role: line.role }} tinted />
              <Where line={line} />
              <span className={styles.message}>{line.message}</span>
              <span className={styles.muted}>{line.since > 0 && <Age since={line.since} />}</span>
              <Further line={line} />
            </li>
          ))}
          {lines.length > MOST && <li className={styles.muted}>and {lines.length - MOST} more, in the table below</li>}
        </ul>
      )}
    </section>
  );
}

/** Where it is, which leads to what is in trouble: a Warehouse has its own page, a Stage stands on the Board. */
function Where({ line }: { readonly line: TroubleLine }) {
  const { project, stage } = line;
  if (!stage.startsWith(WAREHOUSE))
    return (
      <Link to="/p/$project" params={{ project }} className={styles.what}>
        {project} / {stage}
      </Link>
    );
  const warehouse = stage.slice(WAREHOUSE.length);
  return (
    <Link to="/p/$project/warehouse/$warehouse" params={{ project, warehouse }} className={styles.what}>
      {project} / Warehouse {warehouse}
    </Link>
  );
}

/** What tells the whole of it: the log of the Promotion that failed, or the Stage's page with its tests and what runs there. */
function Further({ line }: { readonly line: TroubleLine }) {
  const { project, stage, promotion } = line;
  if (stage.startsWith(WAREHOUSE)) return null;
  if (promotion !== "")
    return (
      <PromotionLink project={project} promotion={promotion} className={page.button} label={`Log of ${stage}`}>
        Log
      </PromotionLink>
    );
  return (
    <Link to="/p/$project/stage/$stage" params={{ project, stage }} className={page.button} aria-label={`Details of ${stage}`}>
      Details
    </Link>
  );
}
