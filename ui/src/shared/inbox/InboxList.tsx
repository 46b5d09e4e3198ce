import { Link } from "@tanstack/react-router";
import { Age } from "../parts/Age.tsx";
import { PromotionLink } from "../parts/PromotionLink.tsx";
import page from "../parts/page.module.css";
import { MoveButton } from "../moves/MoveButton.tsx";
import { useNow } from "../services.ts";
import { StateWord } from "../state/StateWord.tsx";
import { zoned } from "../time/words.ts";
import type { InboxItem } from "./read.ts";
import styles from "./inbox.module.css";

export interface InboxListProps {
  readonly items: readonly InboxItem[];
}

/** What waits for whoever looks, a line each: what, where, why, since when, and what can be done. */
export function InboxList({ items }: InboxListProps) {
  return (
    <ul className={styles.lines}>
      {items.map((item) => (
        <Line key={`${item.kind}/${item.project}/${item.stage}/${item.freight}/${item.promotion}`} item={item} />
      ))}
    </ul>
  );
}

function Line({ item }: { readonly item: InboxItem }) {
  const now = useNow(60);
  return (
    <li className={styles.line} data-inbox={item.kind}>
      <StateWord meaning={item.meaning} tinted />
      <Link to="/p/$project" params={{ project: item.project }} search={item.freight === "" ? { why: item.stage } : { freight: item.freight, why: item.stage }} className={styles.where}>
        {item.project} / {item.stage}
      </Link>
      <span className={styles.message}>{item.message || (item.freight === "" ? "" : `Freight ${item.freight.slice(0, 7)}`)}</span>
      {item.until > 0 && <span className={page.muted}>until {zoned(item.until, now)}</span>}
      <span className={page.muted}>{item.since > 0 && <Age since={item.since} />}</span>
      {item.promotion !== "" && (
        <PromotionLink project={item.project} promotion={item.promotion} className={page.button}>
          Open
        </PromotionLink>
      )}
      {item.kind === "approve" && (
        <MoveButton project={item.project} kind="approve" stages={[item.stage]} freight={item.freight} label="Approve" />
      )}
      {item.kind === "hold" && <MoveButton project={item.project} kind="resume" stages={[item.stage]} label="Resume" />}
    </li>
  );
}
