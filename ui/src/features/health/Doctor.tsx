import { Link } from "@tanstack/react-router";
import { ApiError } from "@/shared/api/client.ts";
import type { FoundThing, WireDiagnosis } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { WELLNESS, readDiagnosis, warehouseOf } from "./diagnosis.ts";

/** Each look reads all Warehouses: once a minute is enough for whoever leaves the page open. */
const EVERY = 60;

/** What is ill with the server, as it sees itself, and what to do about it. */
export function Doctor() {
  const turn = Math.floor(useNow(10) / EVERY);
  const { data, error, retry } = useAsked<WireDiagnosis>("towpath/v1/doctor", turn);
  if (error instanceof ApiError && error.status === 403) {
    return <Section title="What is ill" note="shown to whoever has the right to get the path /towpath/v1/doctor: it tells of hosts and of all Projects" />;
  }
  const found = data === undefined ? null : readDiagnosis(data);
  const note = data === undefined || found === null ? undefined : <>{found.said}, looked <Age since={seconds(data.at)} /> ago</>;
  return (
    <Section title="What is ill" note={note}>
      {error !== null && <Problem what="What is ill" error={error} retry={retry} />}
      {found === null && error === null && <Loading what="what is ill" rows={2} />}
      {found !== null && found.wrong.length > 0 && <Things things={found.wrong} />}
      {found !== null && found.well.length > 0 && (
        <details>
          <summary>{found.well.length === 1 ? "1 thing is well" : `${found.well.length} things are well`}</summary>
          <Things things={found.well} />
        </details>
      )}
    </Section>
  );
}

function Things({ things }: { readonly things: readonly FoundThing[] }) {
  return (
    <dl className={page.facts}>
      {things.map((each, place) => (
        <Thing key={place} {...each} />
      ))}
    </dl>
  );
}

function Thing({ what, is, said, remedy }: FoundThing) {
  const warehouse = warehouseOf(what);
  return (
    <>
      <dt>
        {warehouse === null ? (
          what
        ) : (
          <Link to="/p/$project/warehouse/$warehouse" params={warehouse} className={page.textLink}>
            {what}
          </Link>
        )}
      </dt>
      <dd data-is={is}>
        <StateWord meaning={WELLNESS[is]} /> {said}
        {remedy !== "" && <p className={page.muted}>What to do: {remedy}</p>}
      </dd>
    </>
  );
}
