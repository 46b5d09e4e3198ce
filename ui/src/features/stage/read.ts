/** A Stage as its routes answer, with all that may be missing put in. */
import { seconds } from "@/shared/api/paths.ts";
import { HEALTH, PROMOTION, VERIFICATION, meaning, type Meaning } from "@/shared/state/roles.ts";
import type { WireExplain } from "@/shared/api/documents.ts";

export interface WireStay {
  readonly origin: string;
  readonly freight: string;
  readonly since: string;
  readonly until?: string | null;
  readonly promotion?: string | null;
}
export interface WireItems<Item> {
  readonly items?: readonly Item[];
}

export interface Stay {
  readonly id: string;
  readonly origin: string;
  readonly freight: string;
  readonly since: number;
  /** 0: it is there. */
  readonly until: number;
  readonly promotion: string;
}

export function readStays(document: WireItems<WireStay>): readonly Stay[] {
  return (document.items ?? []).map((wire, place) => ({
    id: `${wire.since} ${wire.freight} ${place}`,
    origin: wire.origin,
    freight: wire.freight,
    since: seconds(wire.since),
    until: seconds(wire.until),
    promotion: wire.promotion ?? "",
  }));
}

/** What is there now, the newest stay of each origin that has not ended. */
export function currentOf(stays: readonly Stay[]): readonly Stay[] {
  return stays.filter((stay, place) => stay.until === 0 && stays.findIndex((each) => each.origin === stay.origin && each.until === 0) === place);
}

export interface WireStageExplain extends WireExplain {
  readonly queue?: readonly { readonly promotion: string; readonly phase?: string; readonly freight?: string }[];
  readonly argocd?: { readonly connection?: string; readonly state?: string; readonly error?: string } | null;
  readonly health?: {
    readonly status?: string;
    readonly since?: string;
    readonly issues?: readonly string[];
    readonly applications?: readonly WireApplication[];
    readonly drifted?: { readonly since?: string; readonly message?: string } | null;
  } | null;
  readonly hooks?: readonly WireHook[];
  readonly lastPass?: { readonly endedAt?: string; readonly outcome?: string } | null;
}

interface WireApplication {
  readonly namespace?: string;
  readonly name?: string;
  readonly health?: string;
  readonly sync?: string;
  readonly revisions?: readonly string[];
  readonly link?: string;
}
interface WireHook {
  readonly run: string;
  readonly hook?: string;
  readonly event?: string;
  readonly phase?: string;
  readonly blocking?: boolean;
  readonly message?: string;
}

export interface World {
  readonly health: Meaning;
  readonly since: number;
  readonly issues: readonly string[];
  readonly drift: string;
  readonly connection: string;
  readonly applications: readonly { readonly name: string; readonly health: Meaning; readonly sync: string; readonly revisions: readonly string[]; readonly link: string }[];
  readonly hooks: readonly { readonly run: string; readonly hook: string; readonly event: string; readonly meaning: Meaning; readonly isBlocking: boolean; readonly message: string }[];
  readonly queue: readonly { readonly promotion: string; readonly meaning: Meaning; readonly freight: string }[];
  /** When a controller ended its last look; 0: not since the server was started. */
  readonly looked: number;
  readonly outcome: string;
}

const APPLICATION: Readonly<Record<string, Meaning>> = {
  Healthy: { role: "ok", word: "Healthy" },
  Progressing: { role: "run", word: "Progressing" },
  Degraded: { role: "fail", word: "Degraded" },
  Suspended: { role: "held", word: "Suspended" },
  Missing: { role: "fail", word: "Missing" },
};

export function readWorld(wire: WireStageExplain): World {
  const { health, argocd } = wire;
  const isReached = argocd?.error === undefined || argocd.error === "";
  return {
    health: meaning(HEALTH, health?.status),
    since: seconds(health?.since),
    issues: health?.issues ?? [],
    drift: health?.drifted?.message ?? "",
    connection: argocd === undefined || argocd === null ? "" : `${argocd.connection ?? ""}: ${argocd.state ?? ""}${isReached ? "" : `, ${argocd.error ?? ""}`}`,
    applications: (health?.applications ?? []).map((each) => ({
      name: [each.namespace, each.name].filter(Boolean).join("/"),
      health: meaning(APPLICATION, each.health),
      sync: each.sync ?? "",
      revisions: each.revisions ?? [],
      link: each.link !== undefined && /^https?:\/\//.test(each.link) ? each.link : "",
    })),
    hooks: (wire.hooks ?? []).map((each) => ({ run: each.run, hook: each.hook ?? "", event: each.event ?? "", meaning: meaning(PROMOTION, each.phase), isBlocking: each.blocking ?? false, message: each.message ?? "" })),
    queue: (wire.queue ?? []).map((each) => ({ promotion: each.promotion, meaning: meaning(PROMOTION, each.phase || "Pending"), freight: each.freight ?? "" })),
    looked: seconds(wire.lastPass?.endedAt),
    outcome: wire.lastPass?.outcome ?? "",
  };
}

export interface WireVerification {
  readonly id?: string;
  readonly startTime?: string;
  readonly finishTime?: string;
  readonly phase?: string;
  readonly message?: string;
  readonly actor?: string;
  readonly analysisRun?: { readonly name?: string } | null;
}

export interface WireStageObject {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly requestedFreight?: readonly { readonly origin?: { readonly name?: string }; readonly sources?: { readonly direct?: boolean; readonly stages?: readonly string[]; readonly requiredSoakTime?: string } }[];
    readonly verification?: unknown;
  };
  readonly status?: { readonly freightHistory?: readonly { readonly items?: Readonly<Record<string, { readonly name?: string }>>; readonly verificationHistory?: readonly WireVerification[] }[] };
}

export interface Verification {
  readonly id: string;
  readonly freight: readonly string[];
  readonly meaning: Meaning;
  readonly message: string;
  readonly actor: string;
  readonly started: number;
  readonly finished: number;
  readonly run: string;
}

/** Verifications of what is and was in the Stage, as far back as it keeps them itself; each has its run. */
export function readVerifications(stage: WireStageObject): readonly Verification[] {
  return (stage.status?.freightHistory ?? []).flatMap(({ items = {}, verificationHistory = [] }) =>
    verificationHistory.map((wire, place) => ({
      id: wire.id ?? `${place}`,
      freight: Object.values(items).flatMap((each) => each.name ?? []),
      meaning: meaning(VERIFICATION, wire.phase),
      message: wire.message ?? "",
      actor: wire.actor ?? "",
      started: seconds(wire.startTime),
      finished: seconds(wire.finishTime),
      run: wire.analysisRun?.name ?? "",
    })),
  );
}

/** Where its Freight comes from, in words: `web: from test, after 2h`. */
export function sourcesOf(stage: WireStageObject): readonly string[] {
  return (stage.spec?.requestedFreight ?? []).map(({ origin, sources }) => {
    const from = [sources?.direct === true ? "straight from the Warehouse" : "", (sources?.stages ?? []).length > 0 ? `from ${(sources?.stages ?? []).join(", ")}` : ""].filter(Boolean).join(" or ");
    const soak = sources?.requiredSoakTime;
    return `${origin?.name ?? "?"} ${from || "from nowhere"}${soak === undefined || soak === "" ? "" : `, after ${soak} there`}`;
  });
}
