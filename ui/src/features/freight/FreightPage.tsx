import { useMemo } from "react";
import { Link, useParams } from "@tanstack/react-router";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useBoard } from "@/shared/board/names.ts";
import { Links } from "@/shared/parts/Links.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { cut } from "@/shared/parts/Version.tsx";
import { When } from "@/shared/parts/When.tsx";
import { MoveButton } from "@/shared/moves/MoveButton.tsx";
import page from "@/shared/parts/page.module.css";
import { person } from "@/shared/people.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { Artifacts } from "./Artifacts.tsx";
import { Attached } from "./Attached.tsx";
import { EvidenceTable } from "./EvidenceTable.tsx";
import { Journey } from "./Journey.tsx";
import { readFreight, type FreightPage as Read, type WireFreightObject } from "./read.ts";

/** One Freight: where it is on its way, what is in it, and on which evidence it went. */
export function FreightPage() {
  const { project = "", freight = "" }: { project?: string; freight?: string } = useParams({ strict: false });
  const { board, names } = useBoard(project);
  // An address may have the alias, as people say it.
  const name = names.has(freight) ? freight : ([...names.values()].find((each) => each.alias === freight)?.name ?? freight);
  const { data, error, retry } = useAsked<WireFreightObject>(path`v1beta1/projects/${project}/freight/${name}`, board?.rev);
  const read = useMemo(() => (data === undefined ? null : readFreight(data)), [data]);
  return (
    <div className={page.page}>
      {error !== null && <Problem what={`Freight ${freight}`} error={error} retry={retry} />}
      {read === null && error === null && <Loading what={`Freight ${freight}`} rows={6} />}
      {read !== null && <Shown project={project} freight={read} />}
    </div>
  );
}

function Shown({ project, freight }: { readonly project: string; readonly freight: Read }) {
  const called = freight.alias || freight.name;
  return (
    <>
      <header className={page.head}>
        <h1 className={page.title}>
          {cut(freight.version, 48)} <span className={page.kind}>Freight {freight.alias || freight.name.slice(0, 7)}</span>
        </h1>
        <div className={page.tools}>
          <Link to="/p/$project" params={{ project }} search={{ freight: called }} className={page.button}>
            On the board
          </Link>
          <Link to="/p/$project/compare" params={{ project }} search={{ b: `freight/${called}` }} className={page.button}>
            Compare with…
          </Link>
          <Links project={project} of="freight" name={freight.name} />
          {freight.quarantine === null ? (
            <MoveButton kind="quarantine" freight={called} label="Quarantine" />
          ) : (
            <MoveButton kind="release" freight={called} label="Release" />
          )}
        </div>
      </header>
      {freight.quarantine !== null && (
        <p className={page.refused} role="status">
          <StateWord meaning={{ role: "held", word: "In quarantine" }} /> Nobody promotes it to any Stage. {freight.quarantine.reason}
          <span className={page.muted}>
            {freight.quarantine.actor !== "" && ` – ${person(freight.quarantine.actor)}`}
            {freight.quarantine.since > 0 && (
              <>
                , <When at={freight.quarantine.since} isAlone />
              </>
            )}
          </span>
        </p>
      )}
      <Journey project={project} freight={freight.name} warehouse={freight.warehouse} isHeldBack={freight.quarantine !== null} />
      <Section title="What is in it" note={freight.artifacts.length === 0 ? "nothing" : `${freight.artifacts.length} ${freight.artifacts.length === 1 ? "artifact" : "artifacts"}`}>
        <Artifacts rows={freight.artifacts} />
      </Section>
      <Attached project={project} freight={freight.name} images={freight.artifacts.filter((each) => each.kind === "Image").length} />
      <EvidenceTable project={project} evidence={freight.evidence} />
      <Section title="About it">
        <dl className={page.facts}>
          <dt>Warehouse</dt>
          <dd>
            <Link to="/p/$project/warehouse/$warehouse" params={{ project, warehouse: freight.warehouse }}>
              {freight.warehouse}
            </Link>
          </dd>
          <dt>Made</dt>
          <dd>
            <When at={freight.created} isAlone />
          </dd>
          <dt>Name</dt>
          <dd className={page.mono}>{freight.name}</dd>
          {freight.notes.map(([key, text]) => (
            <Note key={key} name={key} text={text} />
          ))}
        </dl>
      </Section>
    </>
  );
}

function Note({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text}</dd>
    </>
  );
}
