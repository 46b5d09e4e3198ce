/** Webhook receivers as a form sees them: a name, one kind of sender, a secret, and where they listen. */
import type { WireReceiver } from "@/shared/api/documents.ts";
import type { Meaning } from "@/shared/state/roles.ts";
import { at, listAt, textAt } from "@/shared/manifest/fields.ts";

export const SENDERS: Readonly<Record<string, string>> = {
  github: "GitHub",
  gitlab: "GitLab",
  gitea: "Gitea or Forgejo",
  bitbucket: "Bitbucket",
  azure: "Azure DevOps or Container Registry",
  dockerhub: "Docker Hub",
  quay: "Quay",
  harbor: "Harbor",
  artifactory: "JFrog Artifactory",
  generic: "anything else (generic)",
};

export interface Receiver {
  readonly name: string;
  /** Empty where it has none, or one that is not known. */
  readonly sender: string;
  readonly secret: string;
}

export function readReceiver(member: unknown): Receiver {
  const sender = Object.keys(SENDERS).find((each) => at(member, [each]) !== undefined) ?? "";
  return { name: textAt(member, ["name"]), sender, secret: textAt(member, [sender, "secretRef", "name"]) };
}

/** A receiver of another sender: its name and secret stay, what is of one sender alone goes. */
export function withSender(member: unknown, sender: string): object {
  const { name, secret } = readReceiver(member);
  const refresh = { actions: [{ action: "Refresh", targetSelectionCriteria: [{ kind: "Warehouse", name: "my-warehouse" }] }] };
  return { name, [sender]: { secretRef: { name: secret }, ...(sender === "generic" ? refresh : {}) } };
}

/** Where a receiver listens; empty while the server has not said. */
export function addressOf(object: unknown, name: string): string {
  const found = listAt(object, ["status", "webhookReceivers"]).find((each) => textAt(each, ["name"]) === name);
  return textAt(found, ["url"]) || textAt(found, ["path"]);
}

/** How a receiver fares, in a word. */
export function fareOf(receiver: Pick<WireReceiver, "problem" | "warning" | "last" | "lastStatus">): Meaning {
  if (receiver.problem !== "") return { role: "fail", word: "Does not listen" };
  if (receiver.lastStatus !== null && receiver.lastStatus >= 400) return { role: "fail", word: `Refused the last: ${receiver.lastStatus}` };
  if (receiver.warning !== "") return { role: "wait", word: "Silent" };
  return receiver.last === null ? { role: "none", word: "Nothing yet" } : { role: "ok", word: "Listens" };
}
