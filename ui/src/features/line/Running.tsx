import { useId } from "react";
import type { WireLine } from "@/shared/api/documents.ts";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import { count } from "./read.ts";
import styles from "./line.module.css";

/** So many are shown; the board has all. */
const MOST = 12;

/** What goes on whatever is held, with the way to where each can be aborted. */
export function Running({ project, line }: { readonly project: string; readonly line: WireLine }) {
  const title = useId();
  if (line.running.length === 0) return null;
  return (
    <section className={styles.section} aria-labelledby={title} data-line="running">
      <h3 id={title}>Goes on</h3>
      <p>
        In {count(line.running)} a Promotion runs or waits for its turn. Each is aborted on its own page, where it says how far it is.
      </p>
      <ul className={styles.plain}>
        {line.running.slice(0, MOST).map((each) => (
          <li key={each.stage}>
            {each.promotion === "" ? (
              <strong>{each.stage}</strong>
            ) : (
              <PromotionLink project={project} promotion={each.promotion}>
                {`${each.stage}: open the Promotion`}
              </PromotionLink>
            )}
            {each.queued > 0 && <span className={styles.muted}> {each.queued} waiting for their turn</span>}
          </li>
        ))}
      </ul>
      {line.running.length > MOST && <p className={styles.muted}>and {line.running.length - MOST} more, on the board</p>}
    </section>
  );
}
