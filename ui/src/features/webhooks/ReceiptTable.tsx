import type { WireReceipt } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import { Age } from "@/shared/parts/Age.tsx";
import page from "@/shared/parts/page.module.css";
import styles from "./webhooks.module.css";

/** Deliveries that are shown, of the hundred that are remembered. */
const MOST = 50;
/** Addresses, branches and tags of one. */
const MOST_SAID = 4;

export interface ReceiptTableProps {
  readonly label: string;
  readonly receipts: readonly WireReceipt[];
  /** Nobody was woken: what would come of them is told. */
  readonly isTrial?: boolean;
}

/** What a column says: above it, and beside each of its cells where a phone shows a delivery as a card. */
const heads = (isTrial: boolean) => ({ when: "When", what: "What", answer: "Answer", looked: isTrial ? "Would look" : "Looked", passed: isTrial ? "Would not, because" : "Did not, because" });

/** Deliveries, what each was about, how it was answered, and who looked because of it, who did not, and why. */
export function ReceiptTable({ label, receipts, isTrial = false }: ReceiptTableProps) {
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard */}
      <div className={`${page.box} ${styles.tall}`} tabIndex={0} role="region" aria-label={label}>
        <table className={`${page.table} ${styles.receipts}`}>
          <thead>
            <tr>
              {Object.entries(heads(isTrial))
                .filter(([name]) => !isTrial || name !== "when")
                .map(([name, head]) => (
                  <th key={name} scope="col">
                    {head}
                  </th>
                ))}
            </tr>
          </thead>
          <tbody>
            {receipts.slice(0, MOST).map((each) => (
              <Receipt key={each.id} receipt={each} isTrial={isTrial} />
            ))}
          </tbody>
        </table>
      </div>
      {receipts.length > MOST && <p className={page.muted}>and {receipts.length - MOST} older</p>}
    </>
  );
}

function Receipt({ receipt, isTrial }: { readonly receipt: WireReceipt; readonly isTrial: boolean }) {
  const about = [...receipt.about.urls, ...receipt.about.refs, ...receipt.about.tags];
  const notNamed = receipt.passedCount - receipt.passed.length + (receipt.failedCount - receipt.failed.length);
  const head = heads(isTrial);
  const moreWoken = receipt.wokenCount - receipt.woken.length;
  return (
    <tr>
      {!isTrial && (
        <td className={page.once} data-head={head.when}>
          <Age since={seconds(receipt.time)} /> ago
          <p className={page.muted}>from {receipt.from}</p>
        </td>
      )}
      <td data-head={head.what}>
        {receipt.event || "–"}
        {about.slice(0, MOST_SAID).map((each, place) => (
          <p key={place} className={page.muted}>
            {each}
          </p>
        ))}
        {about.length > MOST_SAID && <p className={page.muted}>and {about.length - MOST_SAID} more</p>}
        {receipt.about.files > 0 && <p className={page.muted}>{receipt.about.files === 1 ? "1 file" : `${receipt.about.files} files`}</p>}
      </td>
      <td data-head={head.answer}>
        {receipt.status} <span className={page.muted}>{receipt.said}</span>
      </td>
      <td data-head={head.looked}>
        {receipt.woken.map((each) => (
          <p key={`${each.project}/${each.name}`}>{each.name}</p>
        ))}
        {moreWoken > 0 && <p className={page.muted}>and {moreWoken} more</p>}
        {receipt.promotions > 0 && <p>{receipt.promotions === 1 ? "1 Promotion" : `${receipt.promotions} Promotions`}</p>}
        {receipt.woken.length === 0 && receipt.promotions === 0 && "nobody"}
      </td>
      <td data-head={head.passed}>
        {receipt.failed.map((each) => (
          <p key={`${each.project}/${each.name}`} className={page.wrong}>
            {each.name} could not be woken: {each.why}
          </p>
        ))}
        {receipt.passed.map((each) => (
          <p key={`${each.project}/${each.name}`}>
            {each.name}: <span className={page.muted}>{each.why}</span>
          </p>
        ))}
        {notNamed > 0 && <p className={page.muted}>and {notNamed} more</p>}
        {receipt.failed.length === 0 && receipt.passed.length === 0 && "–"}
      </td>
    </tr>
  );
}
