import { useEffect, useRef } from "react";
import { useQuery } from "@tanstack/react-query";
import type { WireBoard } from "@/shared/api/documents.ts";
import { useMoving } from "@/shared/moves/address.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Sheet } from "@/shared/parts/Sheet.tsx";
import { useDocument, useServices } from "@/shared/services.ts";
import { boardOf } from "@/shared/stream/topics.ts";
import { ProjectChoice } from "./ProjectChoice.tsx";
import { Resume } from "./Resume.tsx";
import { Stop } from "./Stop.tsx";
import { Done } from "./Done.tsx";
import { useLine } from "./useLine.ts";
import styles from "./line.module.css";

/** Stop the line of a Project: nothing goes by itself any more, until somebody resumes it. `project`: empty where it is to be chosen. */
export function LineSheet({ project }: { readonly project: string }) {
  const { close, stopLine } = useMoving();
  return (
    <Sheet title={project === "" ? "Stop the line" : `Stop the line of ${project}`} name="line" turn={project} onClose={close}>
      <div className={styles.body}>
        <ProjectChoice project={project} onChoose={stopLine} />
        {project !== "" && <OfProject key={project} project={project} />}
      </div>
    </Sheet>
  );
}

function OfProject({ project }: { readonly project: string }) {
  const { api } = useServices();
  const { document: board, error: lost, retry: again } = useDocument<WireBoard>(boardOf(project));
  const { close } = useMoving();
  const moves = useLine(project);
  const { done } = moves;
  const found = useQuery({
    queryKey: ["line", project],
    queryFn: ({ signal }) => api.read("/towpath/v1/projects/{project}/line", { params: { path: { project } }, signal }),
    enabled: false,
    // Whoever opens it later wants to hear how it is then.
    gcTime: 0,
  });
  const { refetch, isFetching } = found;
  const mark = board === null ? "" : `${board.rev}/${done?.rev ?? 0}`;
  const asked = useRef("");
  // When something of the board moves, and when it was stopped or resumed here; one at a time, so that a busy board starves nobody.
  // What was there stays meanwhile, and beside an error.
  useEffect(() => {
    if (isFetching || mark === asked.current) return;
    asked.current = mark;
    void refetch();
  }, [refetch, isFetching, mark]);
  const error = lost ?? found.error;
  const retry = () => {
    again();
    void refetch();
  };
  const line = found.data;
  if (line === undefined) return error === null ? <Loading what={`the Stages of ${project}`} rows={5} /> : <Problem what={`Project ${project}`} error={error} retry={retry} />;
  return (
    <>
      {error !== null && <Problem what={`Project ${project}`} error={error} retry={retry} />}
      {done !== null && <Done project={project} done={done} line={line} error={moves.error} isSending={moves.isSending} onResume={() => void moves.send("resume")} onClose={close} />}
      {done === null && line.stopped.length > 0 && <Resume line={line} moves={moves} />}
      {done === null && <Stop project={project} line={line} moves={moves} />}
    </>
  );
}
