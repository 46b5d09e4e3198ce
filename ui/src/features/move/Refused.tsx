import type { Refusal } from "./useConfirm.ts";
import styles from "./move.module.css";

export interface RefusedProps {
  readonly refusal: Refusal;
  /** Look at how things are now, and plan anew. */
  readonly onAgain: () => void;
}

/** Why nothing was moved: what has changed since it was looked at, or what was wrong. */
export function Refused({ refusal, onAgain }: RefusedProps) {
  const isOld = refusal.stale.length > 0 || refusal.isOutdated;
  return (
    <div className={isOld ? styles.stale : styles.refused} role="alert" data-refused={refusal.stale.length > 0 ? "stale" : refusal.isOutdated ? "outdated" : "refused"}>
      {refusal.stale.length > 0 ? (
        <>
          <p>
            <strong>Nothing was moved.</strong> Since you opened this, something has changed:
          </p>
          <ul>
            {refusal.stale.map((each) => (
              <li key={each.stage}>
                <strong>{each.stage}</strong>: {each.changed.join(", ")}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <>
          <p>
            <strong>{refusal.isUnknown ? "It is not known whether it was done." : "Nothing was moved."}</strong> {refusal.text}
          </p>
          {refusal.isUnknown && <p>Confirm again: it is the same request, and nothing is done twice.</p>}
          {refusal.request !== "" && <p className={styles.muted}>Request {refusal.request}</p>}
        </>
      )}
      {isOld && (
        <button type="button" className={styles.button} onClick={onAgain}>
          Look at how it is now
        </button>
      )}
    </div>
  );
}
