import { Link } from "@tanstack/react-router";
import { Age } from "../parts/Age.tsx";
import { PromotionLink } from "../parts/PromotionLink.tsx";
import page from "../parts/page.module.css";
import { QuickMove } from "../quick/QuickMove.tsx";
import { StateWord } from "../state/StateWord.tsx";
import type { InboxItem } from "./read.ts";
import styles from "./inbox.module.css";

export interface InboxListProps {
  readonly items: readonly InboxItem[];
  /** The revision that they were told at. */
  readonly rev: number;
  readonly onChanged: () => void;
}

/** What waits for whoever looks, a line each: what, where, why, since when, and what can be done. */
export function InboxList({ items, rev, onChanged }: InboxListProps) {
  return (
    <ul className={styles.lines}>
      {items.map((item) => (
        <Line key={`${item.kind}/${item.project}/${item.stage}/${item.freight}/${item.promotion}`} item={item} rev={rev} onChanged={onChanged} />
      ))}
    </ul>
  );
}

function Line({ item, rev, onChanged }: { readonly item: InboxItem; readonly rev: number; readonly onChanged: () => void }) {
  return (
    <li className={styles.line} data-inbox={item.kind}>
      <StateWord meaning={item.meaning} tinted />
      <Link to="/p/$project" params={{ project: item.project }} search={item.freight === "" ? { why: item.stage } : { freight: item.freight, why: item.stage }} className={styles.where}>
        {item.project} / {item.stage}
      </Link>
      <span className={styles.message}>{item.message || (item.freight === "" ? "" : `Freight ${item.freight.slice(0, 7)}`)}</span>
      <span className={page.muted}>{item.since > 0 && <Age since={item.since} />}</span>
      {item.promotion !== "" && (
        <PromotionLink project={item.project} promotion={item.promotion} className={page.button}>
          Open
        </PromotionLink>
      )}
      {item.kind === "approve" && (
        <QuickMove project={item.project} kind="approve" stages={[item.stage]} freight={item.freight} rev={rev} label="Approve" confirm={`Approve for ${item.stage}`} onDone={onChanged} />
      )}
      {item.kind === "hold" && <QuickMove project={item.project} kind="resume" stages={[item.stage]} rev={rev} label="Resume" confirm={`Resume ${item.stage}`} onDone={onChanged} />}
    </li>
  );
}
