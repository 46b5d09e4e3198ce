import { useNow } from "../services.ts";
import { exactly, moment } from "../time/words.ts";

/** A moment in the browser's zone; whole, with seconds and the zone's name, behind it. "–" where there is none. */
export function When({ at }: { readonly at: number }) {
  const now = useNow(60);
  if (at === 0) return <>–</>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactly(at)}>
      {moment(at, now)}
    </time>
  );
}
