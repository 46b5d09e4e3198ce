import { ROLES, WORST_FIRST, type Role } from "./roles.ts";
import styles from "./state.module.css";

export interface SegmentBarProps {
  readonly roles: readonly Role[];
  readonly label: string;
}

const MOST_SEGMENTS = 24;

/** How many of a group are in which state, the worst first; with hatching and dots, so that it reads in grey. */
export function SegmentBar({ roles, label }: SegmentBarProps) {
  const sorted = [...roles].sort((a, b) => WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b));
  const single = sorted.length <= MOST_SEGMENTS;
  const segments = single
    ? sorted.map((role) => ({ role, count: 1 }))
    : ROLES.map((role) => ({ role, count: sorted.filter((each) => each === role).length })).filter((each) => each.count > 0);
  return (
    <span className={styles.segments} role="img" aria-label={label}>
      {segments.map(({ role, count }, place) => (
        <span key={place} className={`${styles.segment} ${styles[`${role}Fill`]}`} style={{ flexGrow: count }} />
      ))}
    </span>
  );
}
