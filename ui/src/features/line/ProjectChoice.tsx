import { useId } from "react";
import type { WireOverview } from "@/shared/api/documents.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import { useDocument } from "@/shared/services.ts";
import { OVERVIEW } from "@/shared/stream/topics.ts";

export interface ProjectChoiceProps {
  /** The one that is chosen; empty: none. */
  readonly project: string;
  readonly onChoose: (project: string) => void;
}

/** Whose line: asked where the page is of no Project. */
export function ProjectChoice({ project, onChoose }: ProjectChoiceProps) {
  const id = useId();
  const { document, error, retry } = useDocument<WireOverview>(OVERVIEW);
  if (document === null && project !== "") return null;
  if (document === null) return error === null ? <Loading what="the Projects" rows={2} /> : <Problem what="The list of Projects" error={error} retry={retry} />;
  const names = (document.projects ?? []).map((each) => each.name);
  if (names.length === 0 && project === "") return <Empty title="There is no Project whose line could be stopped" />;
  const shown = project === "" || names.includes(project) ? names : [project, ...names];
  return (
    <div className={page.field}>
      <label htmlFor={id}>{project === "" ? "Of which Project?" : "Project"}</label>
      <select id={id} className={page.input} value={project} onChange={(event) => onChoose(event.target.value)}>
        {project === "" && <option value="">Choose a Project</option>}
        {shown.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </div>
  );
}
