/** Webhook receivers as a form sees them: a name, one kind of sender, a secret, and where they listen. */
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
