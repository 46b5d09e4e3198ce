import { useNow } from "../services.ts";
import { age, exactly } from "../time/words.ts";

/** How long ago, by the server's clock; the moment itself stands behind it. */
export function Age({ since, every = 10 }: { readonly since: number; readonly every?: number }) {
  const now = useNow(every);
  return (
    <time dateTime={new Date(since * 1000).toISOString()} title={exactly(since)}>
      {age(now - since)}
    </time>
  );
}
