import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import type { WireLens } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useBoard } from "@/shared/board/names.ts";
import { arrival, blockerWords, readLens } from "@/shared/lens/lens.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { journeyOf, type Stop } from "./stops.ts";
import styles from "./journey.module.css";

export interface JourneyProps {
  readonly project: string;
  readonly freight: string;
  readonly warehouse: string;
  readonly isHeldBack: boolean;
}

/** Its way through the Stages as a row of the board: where it is, was, can go, and what it waits for. */
export function Journey({ project, freight, warehouse, isHeldBack }: JourneyProps) {
  const { board } = useBoard(project);
  const { data, error, retry } = useAsked<WireLens>(path`towpath/v1/projects/${project}/lens?freight=${freight}`, board?.rev);
  const stops = useMemo(() => (board === null || data === undefined ? null : journeyOf(board, readLens(data))), [board, data]);
  const holds = stops?.filter((each) => each.state === "here").length ?? 0;
  return (
    <Section title="Journey" note={stops === null ? undefined : `from Warehouse ${warehouse}; now in ${holds} ${holds === 1 ? "Stage" : "Stages"}${isHeldBack && holds > 0 ? ", which it does not leave by itself" : ""}`}>
      {error !== null && <Problem what="Its journey" error={error} retry={retry} />}
      {stops === null && error === null && <Loading what="its journey" rows={1} />}
      {stops !== null && (
        <ol className={styles.row}>
          {stops.map((stop) => (
            <StopCell key={stop.stage} project={project} stop={stop} freight={freight} />
          ))}
        </ol>
      )}
    </Section>
  );
}

function StopCell({ project, stop, freight }: { readonly project: string; readonly stop: Stop; readonly freight: string }) {
  const now = useNow(10);
  const blocker = stop.cell.gate === "" ? "" : blockerWords(stop.cell.gate, stop.cell.opensAt, now);
  const then = stop.state === "here" ? "" : arrival(stop.cell, now);
  return (
    <li className={`${styles.stop} ${styles[stop.cell.meaning.role] ?? ""}`} data-stop={stop.stage}>
      <StateWord meaning={stop.cell.meaning} />
      <Link to="/p/$project/stage/$stage" params={{ project, stage: stop.stage }} className={styles.name}>
        {stop.stage}
      </Link>
      {blocker !== "" && <span className={styles.meta}>{blocker}</span>}
      {then !== "" && <span className={styles.meta}>arrives {then}</span>}
      {stop.state === "waits" && (
        <Link to="/p/$project" params={{ project }} search={{ freight, why: stop.stage }} className={styles.why}>
          Why
        </Link>
      )}
    </li>
  );
}
