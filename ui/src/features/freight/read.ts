/** Freight as its route answers with it, with all that may be missing put in. */
import { seconds } from "@/shared/api/paths.ts";

interface WireCommit {
  readonly repoURL?: string;
  readonly id?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly message?: string;
  readonly author?: string;
}
interface WireImage {
  readonly repoURL?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface WireChart {
  readonly repoURL?: string;
  readonly name?: string;
  readonly version?: string;
}
interface WireOther {
  readonly artifactType?: string;
  readonly subscriptionName?: string;
  readonly version?: string;
}

export interface WireFreightObject {
  readonly metadata?: { readonly name?: string; readonly creationTimestamp?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly alias?: string;
  readonly origin?: { readonly kind?: string; readonly name?: string };
  readonly discoveredAt?: string;
  readonly commits?: readonly WireCommit[];
  readonly images?: readonly WireImage[];
  readonly charts?: readonly WireChart[];
  readonly artifacts?: readonly WireOther[];
  readonly status?: {
    readonly currentlyIn?: Readonly<Record<string, { readonly since?: string }>>;
    readonly verifiedIn?: Readonly<Record<string, { readonly verifiedAt?: string; readonly longestSoak?: string }>>;
    readonly approvedFor?: Readonly<Record<string, { readonly approvedAt?: string }>>;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
}

export interface ArtifactRow {
  readonly kind: string;
  readonly source: string;
  /** Where a browser finds it; "" where nobody can say. */
  readonly url: string;
  readonly version: string;
  /** Digest, whole commit, author, message: each with its name. */
  readonly details: readonly (readonly [name: string, text: string])[];
}

export interface Evidence {
  readonly stage: string;
  readonly since: number;
  readonly verifiedAt: number;
  readonly verifiedBy: string;
  readonly longestSoak: string;
  readonly approvedAt: number;
}

export interface FreightPage {
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly warehouse: string;
  readonly created: number;
  readonly discovered: number;
  readonly artifacts: readonly ArtifactRow[];
  readonly evidence: readonly Evidence[];
  readonly notes: readonly (readonly [name: string, text: string])[];
  readonly quarantine: { readonly reason: string; readonly actor: string; readonly since: number } | null;
}

const VERIFIED_BY = "towpath.dev/verified-by";
const QUARANTINE = "towpath.dev/quarantine";

export function readFreight(wire: WireFreightObject): FreightPage {
  const artifacts = [...(wire.commits ?? []).map(commit), ...(wire.images ?? []).map(image), ...(wire.charts ?? []).map(chart), ...(wire.artifacts ?? []).map(other)];
  const name = wire.metadata?.name ?? "";
  return {
    name,
    alias: wire.alias ?? "",
    version: artifacts[0]?.version ?? name.slice(0, 7),
    warehouse: wire.origin?.name ?? "",
    created: seconds(wire.metadata?.creationTimestamp),
    discovered: seconds(wire.discoveredAt),
    artifacts,
    evidence: evidenceOf(wire),
    notes: Object.entries(wire.status?.metadata ?? {})
      .filter(([key]) => key !== VERIFIED_BY)
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    quarantine: quarantineOf(wire.metadata?.annotations?.[QUARANTINE]),
  };
}

const given = (...pairs: readonly (readonly [string, string | undefined])[]): readonly (readonly [string, string])[] =>
  pairs.flatMap(([name, text]) => (text === undefined || text === "" ? [] : [[name, text] as const]));

/** An address with its scheme, if it is one that a browser may follow. */
export function webAddress(url: string | undefined): string {
  return url !== undefined && /^https?:\/\/[^\s@]+$/.test(url) ? url : "";
}

function commit({ repoURL, id, branch, tag, message, author }: WireCommit): ArtifactRow {
  const repo = webAddress(repoURL).replace(/(\.git)?\/?$/, "");
  const isKnownHost = /^https?:\/\/(www\.)?(github\.com|gitlab\.com|bitbucket\.org)\//.test(repo);
  return {
    kind: "Commit",
    source: repoURL ?? "",
    url: isKnownHost && id !== undefined ? `${repo}/${repo.includes("bitbucket.org") ? "commits" : "commit"}/${id}` : repo,
    version: tag || (id ?? "").slice(0, 7),
    details: given(["commit", id], ["branch", branch], ["message", message], ["author", author]),
  };
}

function image({ repoURL, tag, digest, annotations }: WireImage): ArtifactRow {
  const source = annotations?.["org.opencontainers.image.source"];
  return {
    kind: "Image",
    source: repoURL ?? "",
    url: webAddress(annotations?.["org.opencontainers.image.url"] ?? source),
    version: tag || digest || "",
    details: given(["digest", digest], ["revision", annotations?.["org.opencontainers.image.revision"]], ["source", source]),
  };
}

function chart({ repoURL, name, version }: WireChart): ArtifactRow {
  return { kind: "Chart", source: [repoURL, name].filter(Boolean).join(" "), url: webAddress(repoURL), version: version ?? "", details: [] };
}

function other({ artifactType, subscriptionName, version }: WireOther): ArtifactRow {
  return { kind: artifactType ?? "Other", source: subscriptionName ?? "", url: "", version: version ?? "", details: [] };
}

function evidenceOf({ status = {} }: WireFreightObject): readonly Evidence[] {
  const { currentlyIn = {}, verifiedIn = {}, approvedFor = {}, metadata = {} } = status;
  const by = metadata[VERIFIED_BY] as Readonly<Record<string, string>> | undefined;
  const stages = [...new Set([...Object.keys(currentlyIn), ...Object.keys(verifiedIn), ...Object.keys(approvedFor)])].sort();
  return stages.map((stage) => ({
    stage,
    since: seconds(currentlyIn[stage]?.since),
    verifiedAt: seconds(verifiedIn[stage]?.verifiedAt),
    verifiedBy: typeof by?.[stage] === "string" ? by[stage] : "",
    longestSoak: verifiedIn[stage]?.longestSoak ?? "",
    approvedAt: seconds(approvedFor[stage]?.approvedAt),
  }));
}

/** Any text keeps Freight back, whatever it says: what cannot be read is shown as the reason. */
function quarantineOf(text: string | undefined): FreightPage["quarantine"] {
  if (text === undefined || text === "") return null;
  try {
    const { reason, actor, at } = JSON.parse(text) as { reason?: unknown; actor?: unknown; at?: unknown };
    if (typeof reason === "string") return { reason, actor: typeof actor === "string" ? actor : "", since: typeof at === "string" ? seconds(at) : 0 };
  } catch {
    // Somebody wrote it by hand.
  }
  return { reason: text, actor: "", since: 0 };
}
