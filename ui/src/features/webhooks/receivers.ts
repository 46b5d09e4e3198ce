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

/** A header that tells what has happened, as each sender writes it: what a trial needs besides the body. */
export const EVENTS: Readonly<Partial<Record<string, string>>> = {
  github: "X-GitHub-Event: push",
  gitlab: "X-Gitlab-Event: Push Hook",
  gitea: "X-Gitea-Event: push",
  bitbucket: "X-Event-Key: repo:push",
};

/** Headers as people write them, one on a line; `wrong` names the first line that is none. */
export function headersOf(text: string): { readonly headers: Readonly<Record<string, string>>; readonly wrong: string } {
  const headers: Record<string, string> = {};
  for (const [place, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const found = /^([!#$%&'*+.^_`|~\w-]+)\s*:(.*)$/.exec(line.trim());
    if (found === null) return { headers: {}, wrong: `Line ${place + 1} is no header: NAME: VALUE is wanted` };
    headers[found[1] ?? ""] = (found[2] ?? "").trim();
  }
  return { headers, wrong: "" };
}
