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

/** The zone that times without one are in, for the head of a table: `UTC+1`. */
export function zoneWords(at = 0): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(new Date(at * 1000));
  return parts.find((each) => each.type === "timeZoneName")?.value ?? "";
}
