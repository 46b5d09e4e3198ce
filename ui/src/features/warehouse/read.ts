/** A Warehouse as its route answers, and what can be put together of what it found. */
import { seconds } from "@/shared/api/paths.ts";
import type { Role } from "@/shared/state/roles.ts";

type Fields = Readonly<Record<string, unknown>>;

interface WireFound {
  readonly repoURL?: string;
  readonly name?: string;
  readonly subscriptionName?: string;
  readonly platform?: string;
  readonly semverConstraint?: string;
  readonly commits?: readonly { readonly id?: string; readonly tag?: string; readonly branch?: string; readonly subject?: string; readonly author?: string; readonly creatorDate?: string }[];
  readonly references?: readonly { readonly tag?: string; readonly digest?: string; readonly createdAt?: string; readonly annotations?: Readonly<Record<string, string>> }[];
  readonly versions?: readonly string[];
  readonly artifactReferences?: readonly (Fields & { readonly version?: string })[];
}

export interface WireWarehouse {
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly interval?: string; readonly freightCreationPolicy?: string; readonly subscriptions?: readonly Fields[] };
  readonly status?: {
    readonly conditions?: readonly { readonly type?: string; readonly status?: string; readonly reason?: string; readonly message?: string; readonly lastTransitionTime?: string }[];
    readonly discoveredArtifacts?: { readonly discoveredAt?: string; readonly git?: readonly WireFound[]; readonly images?: readonly WireFound[]; readonly charts?: readonly WireFound[]; readonly results?: readonly WireFound[] };
  };
}

export interface Candidate {
  readonly version: string;
  readonly detail: string;
  readonly at: number;
  /** What stands in Freight that has it. */
  readonly member: Fields;
}

export interface Source {
  readonly id: string;
  readonly kind: string;
  readonly where: string;
  readonly rule: string;
  /** The list of Freight that its candidates stand in. */
  readonly list: "commits" | "images" | "charts" | "artifacts";
  readonly candidates: readonly Candidate[];
}

export interface WarehouseRead {
  /** Seconds between looks; 0: not told. */
  readonly interval: number;
  readonly isManual: boolean;
  readonly looked: number;
  readonly sources: readonly Source[];
  readonly subscriptions: number;
  readonly conditions: readonly { readonly type: string; readonly role: Role; readonly message: string; readonly since: number }[];
}

export function readWarehouse(wire: WireWarehouse): WarehouseRead {
  const found = wire.status?.discoveredArtifacts;
  const subscriptions = wire.spec?.subscriptions ?? [];
  return {
    interval: durationOf(wire.spec?.interval ?? ""),
    isManual: wire.spec?.freightCreationPolicy === "Manual",
    looked: seconds(found?.discoveredAt),
    subscriptions: subscriptions.length,
    sources: [
      ...(found?.git ?? []).map((each, place) => source("git", "commits", each, place, subscriptions)),
      ...(found?.images ?? []).map((each, place) => source("image", "images", each, place, subscriptions)),
      ...(found?.charts ?? []).map((each, place) => source("chart", "charts", each, place, subscriptions)),
      ...(found?.results ?? []).map((each, place) => source("other", "artifacts", each, place, subscriptions)),
    ],
    conditions: (wire.status?.conditions ?? []).map((each) => ({ type: each.type ?? "", role: each.status === "True" ? "ok" : each.type === "Healthy" || each.type === "Ready" ? "fail" : "none", message: each.message ?? each.reason ?? "", since: seconds(each.lastTransitionTime) })),
  };
}

/** Seconds of a duration such as `1h30m0s`; 0 for what is none. */
export function durationOf(text: string): number {
  const [, hours = "0", minutes = "0", rest = "0"] = /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(text) ?? [];
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest);
}

function source(kind: string, list: Source["list"], found: WireFound, place: number, subscriptions: readonly Fields[]): Source {
  const where = [found.repoURL, found.name].filter(Boolean).join(" ");
  return { id: `${kind} ${place} ${where}`, kind, where: where || (found.subscriptionName ?? ""), rule: ruleOf(kind, found, subscriptions), list, candidates: candidatesOf(kind, found) };
}

const RULES = ["imageSelectionStrategy", "commitSelectionStrategy", "constraint", "semverConstraint", "branch", "allowTags", "allowTagsRegexes", "ignoreTags", "ignoreTagsRegexes", "includePaths", "excludePaths", "expressionFilter", "platform", "discoveryLimit"] as const;

/** How the first of its candidates wins: what its subscription asks for, in the subscription's own words. */
function ruleOf(kind: string, found: WireFound, subscriptions: readonly Fields[]): string {
  const asked = subscriptions.map((each) => each[kind] as Fields | undefined).find((each) => each?.repoURL === found.repoURL && (kind !== "chart" || (each?.name ?? "") === (found.name ?? "")));
  return RULES.flatMap((name) => {
    const value = asked?.[name];
    return value === undefined || value === "" || (Array.isArray(value) && value.length === 0) ? [] : [`${name} ${typeof value === "string" ? value : JSON.stringify(value)}`];
  }).join(" · ");
}

function candidatesOf(kind: string, found: WireFound): readonly Candidate[] {
  const named = found.subscriptionName === undefined || found.subscriptionName === "" ? {} : { subscriptionName: found.subscriptionName };
  const repo = { repoURL: found.repoURL ?? "", ...named };
  switch (kind) {
    case "git":
      return (found.commits ?? []).map(({ id = "", tag, branch, subject, author, creatorDate }) => ({
        version: tag || id.slice(0, 7),
        detail: [subject, author].filter(Boolean).join(" – "),
        at: seconds(creatorDate),
        member: { ...repo, id, ...optional({ tag, branch, message: subject, author }) },
      }));
    case "image":
      return (found.references ?? []).map(({ tag = "", digest = "", createdAt, annotations }) => ({ version: tag, detail: digest, at: seconds(createdAt), member: { ...repo, tag, digest, ...(annotations === undefined ? {} : { annotations }) } }));
    case "chart":
      return (found.versions ?? []).map((version) => ({ version, detail: "", at: 0, member: { ...repo, name: found.name ?? "", version } }));
    default:
      return (found.artifactReferences ?? []).map((each) => ({ version: each.version ?? "", detail: "", at: 0, member: each }));
  }
}

const optional = (fields: Readonly<Record<string, string | undefined>>) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));

/** Freight put together by hand: of each source the candidate that was chosen, the first where none was. */
export function assembled(project: string, warehouse: string, sources: readonly Source[], chosen: ReadonlyMap<string, number>, alias: string): object {
  const lists: Record<string, Fields[]> = {};
  for (const each of sources) {
    const candidate = each.candidates[chosen.get(each.id) ?? 0];
    if (candidate !== undefined) (lists[each.list] ??= []).push(candidate.member);
  }
  return {
    apiVersion: "kargo.akuity.io/v1alpha1",
    kind: "Freight",
    metadata: { namespace: project },
    ...(alias === "" ? {} : { alias }),
    origin: { kind: "Warehouse", name: warehouse },
    ...lists,
  };
}
