import { useNow } from "../services.ts";
import { exactly, moment, zoned } from "../time/words.ts";

/** A moment in the browser's zone; whole, with seconds and the zone's name, behind it. "–" where there is none. `isAlone`: no head of a table names the zone. */
export function When({ at, isAlone = false }: { readonly at: number; readonly isAlone?: boolean }) {
  const now = useNow(60);
  if (at === 0) return <>–</>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactly(at)}>
      {isAlone ? zoned(at, now) : moment(at, now)}
    </time>
  );
}
