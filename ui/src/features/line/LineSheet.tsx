import type { WireBoard } from "@/shared/api/documents.ts";
import { useMoving } from "@/shared/moves/address.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Sheet } from "@/shared/parts/Sheet.tsx";
import { useDocument } from "@/shared/services.ts";
import { boardOf } from "@/shared/stream/topics.ts";
import { ProjectChoice } from "./ProjectChoice.tsx";
import { Resume } from "./Resume.tsx";
import { Stop } from "./Stop.tsx";
import { Done } from "./Done.tsx";
import { lineOf } from "./read.ts";
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
  const { document: board, error, retry } = useDocument<WireBoard>(boardOf(project));
  const { close } = useMoving();
  const moves = useLine(project);
  if (board === null) return error === null ? <Loading what={`the Stages of ${project}`} rows={5} /> : <Problem what={`Project ${project}`} error={error} retry={retry} />;
  const line = lineOf(board);
  const { done } = moves;
  return (
    <>
      {error !== null && <Problem what={`Project ${project}`} error={error} retry={retry} />}
      {done !== null && <Done project={project} done={done} line={line} error={moves.error} isSending={moves.isSending} onResume={(stages) => void moves.send("resume", stages, "")} onClose={close} />}
      {done === null && line.stopped.length > 0 && <Resume line={line} moves={moves} />}
      {done === null && <Stop project={project} line={line} moves={moves} />}
    </>
  );
}
