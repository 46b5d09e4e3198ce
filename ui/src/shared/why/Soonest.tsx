import { useNow } from "../services.ts";
import { exactly, zoned } from "../time/words.ts";
import { soonest, type Explanation } from "./read.ts";
import styles from "./why.module.css";

/** When the Freight could be in the Stage that is asked about, where no gate of it says so: what comes before it takes that long. */
export function Soonest({ explanation }: { readonly explanation: Explanation }) {
  const now = useNow(10);
  const at = soonest(explanation);
  if (at === 0) return null;
  return (
    <p className={styles.soonest} data-why="soonest">
      It could be there at <time title={exactly(at)}>{zoned(at, now)}</time> at the earliest, if all before it goes well.
    </p>
  );
}
