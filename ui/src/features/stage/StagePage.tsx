import { useMemo } from "react";
import { Link, useParams } from "@tanstack/react-router";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useBoard } from "@/shared/board/names.ts";
import { Links } from "@/shared/parts/Links.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import { MoveButton } from "@/shared/moves/MoveButton.tsx";
import page from "@/shared/parts/page.module.css";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { STAGE, meaning } from "@/shared/state/roles.ts";
import { OneExplanation } from "@/shared/why/WhyPanel.tsx";
import { readExplanations } from "@/shared/why/read.ts";
import { Current } from "./Current.tsx";
import { Stays } from "./Stays.tsx";
import { Verifications } from "./Verifications.tsx";
import { Observed } from "./Observed.tsx";
import { readStays, readVerifications, readWorld, sourcesOf, type WireItems, type WireStageExplain, type WireStageObject, type WireStay } from "./read.ts";
import styles from "./stage.module.css";

/** One Stage: what is in it, what waits to come in and why, what was, and how it fared. */
export function StagePage() {
  const { project = "", stage = "" }: { project?: string; stage?: string } = useParams({ strict: false });
  const { board } = useBoard(project);
  const cell = board?.stages?.find((each) => each.name === stage);
  // What is told here is asked for again when the cell moves, not with every change of the Project.
  const mark = JSON.stringify(cell ?? null);
  const object = useAsked<WireStageObject>(path`v1beta1/projects/${project}/stages/${stage}`, mark);
  const explained = useAsked<WireStageExplain>(path`towpath/v1/projects/${project}/stages/${stage}/explain`, mark);
  const stays = useAsked<WireItems<WireStay>>(path`towpath/v1/projects/${project}/stages/${stage}/history`, mark);
  const world = useMemo(() => (explained.data === undefined ? null : readWorld(explained.data)), [explained.data]);
  const why = useMemo(() => (explained.data === undefined ? [] : readExplanations(explained.data)), [explained.data]);
  const read = useMemo(() => (stays.data === undefined ? null : readStays(stays.data)), [stays.data]);
  const verifications = useMemo(() => (object.data === undefined ? null : readVerifications(object.data)), [object.data]);
  if (object.data === undefined) {
    return <div className={page.page}>{object.error === null ? <Loading what={`Stage ${stage}`} rows={6} /> : <Problem what={`Stage ${stage}`} error={object.error} retry={object.retry} />}</div>;
  }
  return (
    <div className={page.page}>
      {object.error !== null && <Problem what={`Stage ${stage}`} error={object.error} retry={object.retry} />}
      <header className={page.head}>
        <h1 className={page.title}>
          {stage} <span className={page.kind}>Stage</span>
        </h1>
        {cell !== undefined && <StateWord meaning={meaning(STAGE, cell.phase ?? "Steady")} tinted />}
        <div className={page.tools}>
          <Link to="/p/$project" params={{ project }} search={{ why: stage }} className={page.button}>
            On the board
          </Link>
          <Link to="/p/$project/edit/$kind/$name" params={{ project, kind: "stage", name: stage }} className={page.button}>
            Edit
          </Link>
          <Links project={project} of="stages" name={stage} />
          {cell?.hold === undefined ? (
            <MoveButton kind="hold" stages={[stage]} label="Hold" />
          ) : (
            <MoveButton kind="resume" stages={[stage]} label="Resume" />
          )}
          {object.data.spec?.verification !== undefined && <MoveButton kind="verify" stages={[stage]} label="Verify again" />}
        </div>
      </header>
      {cell?.msg !== undefined && cell.msg !== "" && <p className={page.refused}>{cell.msg}</p>}
      {stays.error !== null && <Problem what="What is and was there" error={stays.error} retry={stays.retry} />}
      <Current project={project} stays={read} sources={sourcesOf(object.data)} />
      <div className={page.columns}>
        <Section title="What comes next">
          {explained.error !== null && <Problem what="What keeps it" error={explained.error} retry={explained.retry} />}
          {why.map((each) => (
            <div key={each.origin || each.freight} className={styles.why}>
              <OneExplanation project={project} stage={stage} explanation={each} />
            </div>
          ))}
          {explained.data !== undefined && why.every((each) => each.gates.length === 0) && <p className={page.muted}>There is no Freight that could come.</p>}
        </Section>
        <Observed project={project} world={world} />
      </div>
      <Stays project={project} stage={stage} stays={read} />
      <Verifications project={project} stage={stage} verifications={verifications} />
      {world !== null && (
        <p className={page.muted}>
          {world.looked === 0 ? "No controller has looked at it since the server was started." : "A controller looked at it last "}
          {world.looked > 0 && <When at={world.looked} isAlone />}
          {world.looked > 0 && world.outcome !== "done" && `: ${world.outcome}`}
        </p>
      )}
    </div>
  );
}
