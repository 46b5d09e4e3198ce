/** Credentials as pages show them: what they are for, and never with their values. */
import type { WireSecret, WireSecrets } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { person } from "@/shared/people.ts";

export type PlaceName = "project" | "shared" | "system";

/** Where credentials lie, and whom they serve. */
export interface Place {
  readonly name: PlaceName;
  /** Of their routes. */
  readonly base: string;
  readonly namespace: string;
  /** Whether those of repositories lie here. */
  readonly hasRepos: boolean;
}

export function placeOf(name: PlaceName, project: string): Place {
  if (name === "shared") return { name, base: "v1beta1/shared", namespace: "kargo-shared-resources", hasRepos: true };
  if (name === "system") return { name, base: "v1beta1/system", namespace: "kargo-system-resources", hasRepos: false };
  return { name, base: path`v1beta1/projects/${project}`, namespace: project, hasRepos: true };
}

export const REPO_TYPES = ["git", "image", "helm"] as const;
export type CredentialType = (typeof REPO_TYPES)[number] | "generic";

export interface Credential {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly url: string;
  readonly isPattern: boolean;
  readonly username: string;
  /** Names of all that it holds. */
  readonly keys: readonly string[];
  readonly by: string;
}

const TYPE = "kargo.akuity.io/cred-type";

export function readCredential(wire: WireSecret): Credential {
  const metadata = (wire.metadata ?? {}) as { readonly name?: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  const values = ((wire as { readonly stringData?: Readonly<Record<string, string>> }).stringData ?? {});
  const noted = metadata.annotations ?? {};
  const type = metadata.labels?.[TYPE] ?? "";
  const isRepo = type !== "generic";
  return {
    name: metadata.name ?? "",
    type,
    description: noted["kargo.akuity.io/description"] ?? "",
    url: isRepo ? (values.repoURL ?? "") : "",
    isPattern: isRepo && values.repoURLIsRegex === "true",
    username: isRepo ? (values.username ?? "") : "",
    keys: Object.keys(values),
    by: person(noted["kargo.akuity.io/create-actor"] ?? ""),
  };
}

export const credentialsIn = (list: WireSecrets | undefined): readonly Credential[] => (list?.items ?? []).map(readCredential);

export interface Typed {
  readonly name: string;
  readonly type: CredentialType;
  readonly description: string;
  readonly repoUrl: string;
  readonly repoUrlIsRegex: boolean;
  readonly username: string;
  readonly password: string;
  /** Values of a generic one; those that are there already have no text until a new one is typed. */
  readonly values: readonly { readonly key: string; readonly text: string; readonly isThere: boolean }[];
}

export const EMPTY: Typed = { name: "", type: "git", description: "", repoUrl: "", repoUrlIsRegex: false, username: "", password: "", values: [{ key: "", text: "", isThere: false }] };

export const typedOf = (found: Credential): Typed => ({
  name: found.name,
  type: found.type === "generic" ? "generic" : (REPO_TYPES.find((each) => each === found.type) ?? "git"),
  description: found.description,
  repoUrl: found.url,
  repoUrlIsRegex: found.isPattern,
  username: found.username,
  password: "",
  values: found.keys.map((key) => ({ key, text: "", isThere: true })),
});

/** What is sent for a new one. */
export function creating(typed: Typed): { readonly end: string; readonly body: object } {
  const { name, description, type } = typed;
  const said = description === "" ? {} : { description };
  if (type === "generic") return { end: "generic-credentials", body: { name, ...said, data: Object.fromEntries(typed.values.filter(({ key }) => key !== "").map(({ key, text }) => [key, text])) } };
  return { end: "repo-credentials", body: { name, ...said, type, repoUrl: typed.repoUrl, repoUrlIsRegex: typed.repoUrlIsRegex, username: typed.username, password: typed.password } };
}

/** What is sent to change one: only what differs, so that values nobody typed stay as they are. */
export function changing(before: Credential, typed: Typed): { readonly end: string; readonly body: object } {
  const said = typed.description === before.description ? {} : { description: typed.description };
  if (before.type === "generic") {
    const kept = new Set(typed.values.map(({ key }) => key));
    const data = Object.fromEntries(typed.values.filter(({ key, text }) => key !== "" && text !== "").map(({ key, text }) => [key, text]));
    const removeKeys = before.keys.filter((key) => !kept.has(key));
    return { end: "generic-credentials", body: { ...said, ...(Object.keys(data).length === 0 ? {} : { data }), ...(removeKeys.length === 0 ? {} : { removeKeys }) } };
  }
  const isElsewhere = typed.repoUrl !== before.url || typed.repoUrlIsRegex !== before.isPattern;
  return {
    end: "repo-credentials",
    body: {
      ...said,
      ...(typed.type === before.type ? {} : { type: typed.type }),
      ...(isElsewhere ? { repoUrl: typed.repoUrl, ...(typed.repoUrlIsRegex ? { repoUrlIsRegex: true } : {}) } : {}),
      ...(typed.username === before.username ? {} : { username: typed.username }),
      ...(typed.password === "" ? {} : { password: typed.password }),
    },
  };
}
