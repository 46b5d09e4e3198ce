import { useMemo } from "react";
import { useMutation } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useBoard } from "@/shared/board/names.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { useLiveness, useNow, useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { span, zoned } from "@/shared/time/words.ts";
import { Assemble } from "./Assemble.tsx";
import { Sources } from "./Sources.tsx";
import { Verdicts } from "./Verdicts.tsx";
import { Wakes } from "./Wakes.tsx";
import { readWarehouse, type WarehouseRead, type WireWarehouse } from "./read.ts";

const MOST_FREIGHT = 20;

/** One Warehouse: what it found, when it looks next, what went wrong, and what was made of it. */
export function WarehousePage() {
  const { project = "", warehouse = "" }: { project?: string; warehouse?: string } = useParams({ strict: false });
  const { board, names } = useBoard(project);
  const lane = board?.lanes?.find((each) => each.name === warehouse);
  const made = useMemo(() => [...names.values()].filter((each) => each.warehouse === warehouse), [names, warehouse]);
  const mark = `${lane?.next ?? 0} ${lane?.error ?? ""} ${made[0]?.name ?? ""}`;
  const { data, error, retry } = useAsked<WireWarehouse>(path`v1beta1/projects/${project}/warehouses/${warehouse}`, mark);
  const read = useMemo(() => (data === undefined ? null : readWarehouse(data)), [data]);
  if (read === null) {
    return <div className={page.page}>{error === null ? <Loading what={`Warehouse ${warehouse}`} rows={6} /> : <Problem what={`Warehouse ${warehouse}`} error={error} retry={retry} />}</div>;
  }
  return (
    <div className={page.page}>
      {error !== null && <Problem what={`Warehouse ${warehouse}`} error={error} retry={retry} />}
      <header className={page.head}>
        <h1 className={page.title}>
          {warehouse} <span className={page.kind}>Warehouse</span>
        </h1>
        <Link to="/p/$project/edit/$kind/$name" params={{ project, kind: "warehouse", name: warehouse }} className={page.button}>
          Edit
        </Link>
        <Look project={project} warehouse={warehouse} read={read} next={lane?.next ?? 0} />
      </header>
      {lane?.error !== undefined && lane.error !== "" && (
        <p className={page.refused}>
          <StateWord meaning={{ role: "fail", word: "Cannot look" }} /> {lane.error}
        </p>
      )}
      <Sources sources={read.sources} subscriptions={read.subscriptions} />
      <Verdicts project={project} warehouse={warehouse} mark={mark} />
      <Wakes project={project} warehouse={warehouse} />
      <Assemble project={project} warehouse={warehouse} sources={read.sources} isManual={read.isManual} onMade={retry} />
      <Section title="Freight of it" note={made.length === 0 ? "none yet" : `${made.length}, the newest first`}>
        <ul>
          {made.slice(0, MOST_FREIGHT).map((each) => (
            <li key={each.name}>
              <Link to="/p/$project/freight/$freight" params={{ project, freight: each.name }} className={page.textLink}>
                {[each.version, each.alias].filter(Boolean).join(" · ") || each.name.slice(0, 7)}
              </Link>{" "}
              <span className={page.muted}>
                made <Age since={each.time} /> ago
              </span>
            </li>
          ))}
          {made.length > MOST_FREIGHT && <li className={page.muted}>and {made.length - MOST_FREIGHT} older</li>}
        </ul>
      </Section>
      <Section title="Conditions">
        <dl className={page.facts}>
          {read.conditions.map((each) => (
            <Condition key={each.type} {...each} />
          ))}
        </dl>
      </Section>
    </div>
  );
}

function Condition({ type, role, message, since }: WarehouseRead["conditions"][number]) {
  return (
    <>
      <dt>
        <StateWord meaning={{ role, word: type }} />
      </dt>
      <dd>
        {message} <span className={page.muted}>– since <When at={since} isAlone /></span>
      </dd>
    </>
  );
}

interface LookProps {
  readonly project: string;
  readonly warehouse: string;
  readonly read: WarehouseRead;
  readonly next: number;
}

/** When it looked last and looks next, and the button that has it look now. */
function Look({ project, warehouse, read, next }: LookProps) {
  const { api } = useServices();
  const live = useLiveness();
  const now = useNow(1);
  const look = useMutation({ mutationFn: async () => await api.send("POST", path`v1beta1/projects/${project}/warehouses/${warehouse}/refresh`) });
  return (
    <div className={page.tools}>
      <span className={page.muted}>
        {read.looked === 0 ? "has not looked yet" : `looked ${span(now - read.looked)} ago`}
        {next > 0 && (next <= now ? ", looks now" : `, next look in ${span(next - now)} (${zoned(next, now)})`)}
        {read.interval > 0 && `, every ${span(read.interval)}`}
      </span>
      <button type="button" className={page.button} disabled={!live.mayAct || look.isPending} onClick={() => look.mutate()}>
        Look now
      </button>
      {look.isSuccess && <span role="status">It has been told to look.</span>}
      {look.error !== null && <span role="alert">It could not be told to look: {words(look.error)}</span>}
    </div>
  );
}
