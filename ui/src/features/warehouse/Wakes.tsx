import { Link } from "@tanstack/react-router";
import { ApiError } from "@/shared/api/client.ts";
import type { WireReceipts, WireReceiver, WireReceivers } from "@/shared/api/documents.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { fareOf, receiptsOf, receiversOf } from "@/shared/webhooks/fare.ts";
import { lastOf } from "./wakes.ts";

/** Receivers that are asked what came to them. */
const MOST = 10;
const EVERY = 60;

export interface WakesProps {
  readonly project: string;
  readonly warehouse: string;
}

/** Which webhooks have it look before its time, and what came of the last delivery that was about it. */
export function Wakes({ project, warehouse }: WakesProps) {
  const turn = Math.floor(useNow(10) / EVERY);
  const own = useAsked<WireReceivers>(receiversOf(project), turn);
  const shared = useAsked<WireReceivers>(receiversOf(""), turn);
  const receivers = [...(own.data?.items ?? []).map((each) => ({ of: project, each })), ...(shared.data?.items ?? []).map((each) => ({ of: "", each }))];
  const isHidden = shared.error instanceof ApiError && shared.error.status === 403;
  return (
    <Section title="What wakes it" note={isHidden ? "receivers for all Projects are shown to administrators of the system" : undefined}>
      {own.error !== null && <Problem what="What wakes it" error={own.error} retry={own.retry} />}
      {shared.error !== null && !isHidden && <Problem what="Receivers for all Projects" error={shared.error} retry={shared.retry} />}
      {own.data === undefined && own.error === null && <Loading what="what wakes it" rows={1} />}
      {own.data !== undefined && receivers.length === 0 && (
        <Empty title="No webhook: it looks by its interval alone">
          <p>
            <Link to="/p/$project/settings/webhooks" params={{ project }} className={page.textLink}>
              Add a receiver
            </Link>
            , and it looks as soon as something is new.
          </p>
        </Empty>
      )}
      <dl className={page.facts}>
        {receivers.slice(0, MOST).map(({ of, each }) => (
          <One key={`${of}/${each.name}`} of={of} receiver={each} project={project} warehouse={warehouse} turn={turn} />
        ))}
      </dl>
      {receivers.length > MOST && <p className={page.muted}>and {receivers.length - MOST} more receivers, under Webhooks</p>}
    </Section>
  );
}

interface OneProps extends WakesProps {
  /** The Project whose receiver it is; empty for one of the system. */
  readonly of: string;
  readonly receiver: WireReceiver;
  readonly turn: number;
}

function One({ of, receiver, project, warehouse, turn }: OneProps) {
  const { data, error } = useAsked<WireReceipts>(receiptsOf(of, receiver.name), turn);
  const last = data === undefined ? null : lastOf(data.items, project, warehouse);
  return (
    <>
      <dt>
        {of === "" ? (
          <Link to="/settings/webhooks" className={page.textLink}>
            {receiver.name}
          </Link>
        ) : (
          <Link to="/p/$project/settings/webhooks" params={{ project: of }} className={page.textLink}>
            {receiver.name}
          </Link>
        )}{" "}
        <span className={page.muted}>{of === "" ? `${receiver.type}, for all Projects` : receiver.type}</span>
      </dt>
      <dd data-wakes={last?.what ?? "none"}>
        <StateWord meaning={fareOf(receiver)} />{" "}
        {last === null && data !== undefined && <span className={page.muted}>nothing that came to it was about this Warehouse</span>}
        {last === null && error !== null && <span className={page.muted}>what came to it cannot be seen</span>}
        {last !== null && (
          <>
            {last.what === "woken" ? "woke it" : last.what === "failed" ? "could not wake it" : "passed it over"} <Age since={last.at} /> ago <span className={page.muted}>{last.event}</span>
            {last.why !== "" && <p className={last.what === "failed" ? page.wrong : page.muted}>{last.why}</p>}
          </>
        )}
        {(receiver.problem || receiver.warning) !== "" && <p className={page.muted}>{receiver.problem || receiver.warning}</p>}
      </dd>
    </>
  );
}
