import { useState } from "react";
import type { WireReceipts, WireReceiver, WireReceivers } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { fareOf, receiptsOf, receiversOf } from "@/shared/webhooks/fare.ts";
import { ReceiptTable } from "./ReceiptTable.tsx";
import { Trial } from "./Trial.tsx";
import styles from "./webhooks.module.css";

/** What came to each receiver, and what came of it: the first look when a webhook wakes nobody. */
export function Came({ project }: { readonly project: string }) {
  // Nothing here is told of by the stream.
  const turn = Math.floor(useNow(10) / 30);
  const { data, error, retry } = useAsked<WireReceivers>(receiversOf(project), turn);
  return (
    <Section title="What came" note={data?.items.length === 0 ? "there is no receiver" : undefined}>
      {error !== null && <Problem what="What came" error={error} retry={retry} />}
      {data === undefined && error === null && <Loading what="what came" rows={1} />}
      {data?.items.map((each) => (
        <One key={each.name} project={project} receiver={each} turn={turn} />
      ))}
      {typeof data?.cursor === "string" && <p className={page.muted}>and more</p>}
    </Section>
  );
}

function One({ project, receiver, turn }: { readonly project: string; readonly receiver: WireReceiver; readonly turn: number }) {
  const [isOpen, setOpen] = useState(false);
  const last = seconds(receiver.last);
  return (
    <details className={styles.receiver} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {receiver.name} <span className={page.muted}>{receiver.type}</span> <StateWord meaning={fareOf(receiver)} />{" "}
        <span className={page.muted}>
          {receiver.taken} taken, {receiver.refused} refused
          {last > 0 && (
            <>
              , the last <Age since={last} /> ago
            </>
          )}
        </span>
      </summary>
      {(receiver.problem || receiver.warning) !== "" && <p className={page.note}>{receiver.problem || receiver.warning}</p>}
      {isOpen && (
        <div className={styles.inside}>
          <Receipts address={receiptsOf(project, receiver.name)} turn={turn} />
          <Trial project={project} receiver={receiver} />
        </div>
      )}
    </details>
  );
}

function Receipts({ address, turn }: { readonly address: string; readonly turn: number }) {
  const { data, error, retry } = useAsked<WireReceipts>(address, turn);
  if (data === undefined) return error === null ? <Loading what="what came" rows={2} /> : <Problem what="What came" error={error} retry={retry} />;
  if (data.items.length === 0) {
    return (
      <Empty title="Nothing has come yet">
        <p>Enter the address at the sender, with the same secret, and have it send a test.</p>
      </Empty>
    );
  }
  return (
    <>
      {error !== null && <Problem what="What came" error={error} retry={retry} />}
      <ReceiptTable label="What came" receipts={data.items} />
    </>
  );
}
