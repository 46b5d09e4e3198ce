import { useState } from "react";
import type { WireReceipt, WireReceipts, WireReceiver, WireReceivers } from "@/shared/api/documents.ts";
import { path, seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { fareOf } from "./receivers.ts";

/** What came to each receiver, and what came of it: the first look when a webhook wakes nobody. */
export function Came({ project }: { readonly project: string }) {
  const base = project === "" ? "towpath/v1/webhooks" : path`towpath/v1/projects/${project}/webhooks`;
  // Nothing here is told of by the stream.
  const turn = Math.floor(useNow(10) / 30);
  const { data, error, retry } = useAsked<WireReceivers>(base, turn);
  return (
    <Section title="What came" note={data?.items.length === 0 ? "there is no receiver" : undefined}>
      {error !== null && <Problem what="What came" error={error} retry={retry} />}
      {data === undefined && error === null && <Loading what="what came" rows={1} />}
      {data?.items.map((each) => (
        <One key={each.name} base={base} receiver={each} turn={turn} />
      ))}
    </Section>
  );
}

function One({ base, receiver, turn }: { readonly base: string; readonly receiver: WireReceiver; readonly turn: number }) {
  const [isOpen, setOpen] = useState(false);
  const last = seconds(receiver.last);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
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
      {isOpen && <Receipts address={`${base}/${path`${receiver.name}`}/receipts`} turn={turn} />}
    </details>
  );
}

const MOST = 50;

function Receipts({ address, turn }: { readonly address: string; readonly turn: number }) {
  const { data, error, retry } = useAsked<WireReceipts>(address, turn);
  if (data === undefined) return error === null ? <Loading what="what came" rows={2} /> : <Problem what="What came" error={error} retry={retry} />;
  if (data.items.length === 0) return <Empty title="Nothing has come yet" />;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
    <div className={page.box} tabIndex={0} role="region" aria-label="What came">
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Answer</th>
            <th scope="col">Woken</th>
          </tr>
        </thead>
        <tbody>
          {data.items.slice(0, MOST).map((each) => (
            <Receipt key={each.id} receipt={each} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Receipt({ receipt }: { readonly receipt: WireReceipt }) {
  const { about } = receipt;
  return (
    <tr>
      <td className={page.once}>
        <Age since={seconds(receipt.time)} /> ago
        <p className={page.muted}>from {receipt.from}</p>
      </td>
      <td>
        {receipt.event || "–"} <span className={page.muted}>{[...about.urls, ...about.refs, ...about.tags].slice(0, 4).join(", ")}</span>
      </td>
      <td>
        {receipt.status} <span className={page.muted}>{receipt.said}</span>
      </td>
      <td>
        {receipt.woken.map((each) => each.name).join(", ") || "nobody"}
        {receipt.failed.map((each) => (
          <p key={each.name} className={page.wrong}>
            {each.name}: {each.why}
          </p>
        ))}
      </td>
    </tr>
  );
}
