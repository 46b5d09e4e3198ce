import styles from "./plan.module.css";

/** That a plan does not hold any more, since when what has changed, and the button that makes another. */
export function Outdated({ outdated, onRenew }: { readonly outdated: readonly string[]; readonly onRenew: () => void }) {
  return (
    <div className={styles.outdated} role="alert">
      <div>
        <p>
          <strong>The plan is outdated.</strong> Since it was made:
        </p>
        <ul className={styles.list}>
          {outdated.map((each) => (
            <li key={each}>{each}</li>
          ))}
          {outdated.length === 0 && <li>it is not kept any more, or cannot be asked for</li>}
        </ul>
      </div>
      <button type="button" className={styles.button} onClick={onRenew}>
        Renew the plan
      </button>
    </div>
  );
}
