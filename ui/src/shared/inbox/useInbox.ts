import { useEffect, useMemo } from "react";
import { useDocument } from "../services.ts";
import { INBOX } from "../stream/topics.ts";
import { readInbox, type WireInbox } from "./read.ts";

/** What waits for whoever looks. The stream says that it may have changed; then it is asked for again. */
export function useInbox() {
  const { document, error, retry } = useDocument<WireInbox>(INBOX);
  const isBehind = document?.asked !== undefined && document.rev > document.asked;
  useEffect(() => {
    if (isBehind) retry();
  }, [isBehind, retry]);
  const items = useMemo(() => (document === null ? null : readInbox(document)), [document]);
  return { document, items, error, retry };
}
