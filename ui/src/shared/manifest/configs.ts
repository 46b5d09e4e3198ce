/** The configurations of which there is one each: of a Project, and of the system. */
import { kindOf } from "./kinds.ts";
import type { Subject } from "./useManifest.ts";

/** The configuration of a Project, or of the system where `project` is empty; it is made when it is saved first. */
export function configOf(project: string): Subject | null {
  const kind = kindOf(project === "" ? "ClusterConfig" : "ProjectConfig");
  if (kind === undefined) return null;
  const name = project || "cluster";
  const place = project === "" ? "" : `\n  namespace: ${project}`;
  return { kind, namespace: project, name, template: `apiVersion: ${kind.apiVersion}\nkind: ${kind.kind}\nmetadata:\n  name: ${name}${place}\nspec: {}\n` };
}
