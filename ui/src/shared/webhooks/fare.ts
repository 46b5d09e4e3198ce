/** How receivers of webhooks fare, in a word, and where those of a Project, or of the system, are. */
import type { WireReceiver } from "../api/documents.ts";
import { path } from "../api/paths.ts";
import type { Meaning } from "../state/roles.ts";

/** Where the receivers of a Project are, or those of the system where `project` is empty. */
export const receiversOf = (project: string): string => (project === "" ? "towpath/v1/webhooks" : path`towpath/v1/projects/${project}/webhooks`);

export const receiptsOf = (project: string, receiver: string): string => `${receiversOf(project)}/${path`${receiver}`}/receipts`;

export function fareOf(receiver: Pick<WireReceiver, "problem" | "warning" | "last" | "lastStatus">): Meaning {
  if (receiver.problem !== "") return { role: "fail", word: "Does not listen" };
  if (receiver.lastStatus !== null && receiver.lastStatus >= 400) return { role: "fail", word: `Refused the last: ${receiver.lastStatus}` };
  if (receiver.warning !== "") return { role: "wait", word: "Silent" };
  return receiver.last === null ? { role: "none", word: "Nothing yet" } : { role: "ok", word: "Listens" };
}
