import { InboxList } from "@/shared/inbox/InboxList.tsx";
import { useInbox } from "@/shared/inbox/useInbox.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";

/** All that waits for whoever looks. */
export function InboxPage() {
  const { document, items, error, retry } = useInbox();
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Inbox</h1>
        <span className={page.muted} role="status">
          {items !== null && items.length > 0 && `${items.length}${typeof document?.cursor === "string" ? " and more" : ""}, what failed first, then the oldest`}
        </span>
      </header>
      {error !== null && <Problem what="The inbox" error={error} retry={retry} />}
      {items === null && error === null && <Loading what="what waits for you" />}
      {items?.length === 0 && (
        <Empty title="Nothing waits for you">
          <p>Here stand Promotions of yours that failed or wait, Freight that you may approve, and what you hold.</p>
        </Empty>
      )}
      {items !== null && items.length > 0 && <InboxList items={items} />}
    </div>
  );
}
