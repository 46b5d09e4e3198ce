import { Link } from "@tanstack/react-router";
import { Problem } from "../parts/Panel.tsx";
import page from "../parts/page.module.css";
import { InboxList } from "./InboxList.tsx";
import { useInbox } from "./useInbox.ts";

const MOST = 5;

/** The first of what waits for whoever looks, at the top of the overview. */
export function ForYou() {
  const { items, error, retry } = useInbox();
  return (
    <section aria-labelledby="for-you" className={page.section}>
      <div className={page.sectionHead}>
        <h2 id="for-you">For you</h2>
        {items?.length === 0 && <span className={page.muted}>Nothing waits for you</span>}
        {items !== null && items.length > MOST && (
          <Link to="/inbox" className={page.textLink}>
            all {items.length}
          </Link>
        )}
      </div>
      {error !== null && <Problem what="What waits for you" error={error} retry={retry} />}
      {items !== null && items.length > 0 && <InboxList items={items.slice(0, MOST)} />}
    </section>
  );
}
