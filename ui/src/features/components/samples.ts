/** What the page of components shows: one of each state, as the server would send it. */
import type { WireExplain } from "@/shared/api/documents.ts";
import { readPromotion, type PromotionInfo } from "@/shared/promotions/read.ts";
import type { Wait } from "@/shared/promotions/usePromotion.ts";
import { readExplanations, type Explanation, type Gate } from "@/shared/why/read.ts";
import type { ShownToken } from "@/shared/tokens/TokenTable.tsx";

export const PROJECT = "shop";
export const STAGE = "prod";
const FREIGHT = "a".repeat(40);

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Why a Freight waits, and where it goes from there; `now` in seconds since 1970. */
function explained(now: number): WireExplain {
  return {
    stage: STAGE,
    freight: FREIGHT,
    alias: "calm-otter",
    origin: "Warehouse/web",
    summary: "2 gates are shut; the first is verified.",
    gates: [
      { name: "verified", open: false, bars: "promotion", means: "It cannot be promoted", reason: "not verified in uat yet", remedy: { verb: "approve", command: `towpath approve calm-otter --stage ${STAGE}` } },
      { name: "window", open: false, bars: "promotion", means: "It cannot be promoted", reason: "outside of promotion window office-hours, in which promotions are let in", opensAt: iso(now + 7_200) },
      { name: "requested", open: true, reason: "the Stage requests Freight of Warehouse/web" },
    ],
    then: [
      { stage: STAGE, state: "waits", gate: "verified", earliest: now + 5_400 },
      { stage: "prod-eu", state: "can", earliest: now + 9_000, latest: now + 12_600 },
      { stage: "prod-us", state: "waits", gate: "window", earliest: now + 9_000 },
      { stage: "prod-ap", state: "queued" },
    ],
    soonest: iso(now + 5_400),
  };
}

export function explanation(now: number): Explanation | undefined {
  return readExplanations(explained(now))[0];
}

export function gateOf(verb: string): Gate {
  return { name: verb, isOpen: false, reason: verb, bars: "promotion", means: "It cannot be promoted", opensAt: 0, opensBy: [], command: "", remedy: { verb, command: "" }, who: [], evidence: [] };
}

/** One of each sort that has a page, and one that has none. */
export const EVIDENCE = ["AnalysisRun", "Promotion", "Stage", "Freight", "Warehouse"].map((kind) => ({ kind, name: kind === "Freight" ? "3f2a4b5c6d7e" : `${STAGE}.01` }));

const STEPS = ["git-clone", "yaml-update", "git-push", "argocd-update"] as const;

/** A Promotion in a phase: so many of its steps are over, the next one is as the phase has it. */
export function promotionIn(phase: string, over: number, next: string, now: number): PromotionInfo {
  const isOver = phase !== "Running" && phase !== "Pending";
  const steps = STEPS.map((kind, place) => ({
    alias: kind,
    kind,
    status: place < over ? "Succeeded" : place === over ? next : "Pending",
    start: place <= over ? now - 60 + place * 10 : 0,
    end: place < over || (place === over && isOver) ? now - 50 + place * 10 : 0,
    ...(place === over && isOver && phase !== "Succeeded" ? { result: "remote rejected: protected branch", errors: 2 } : {}),
  }));
  return readPromotion({
    rev: 1,
    at: iso(now),
    name: `${STAGE}.01`,
    stage: STAGE,
    freight: FREIGHT,
    phase,
    steps,
    typical: { p50: 40, p95: 90, of: 12 },
    created: now - 70,
    start: phase === "Pending" ? 0 : now - 60,
    end: isOver ? now - 10 : 0,
    ...(phase === "Failed" ? { message: "step git-push failed: remote rejected" } : {}),
  });
}

export const wait = (now: number): Wait => ({ reason: "the review of the pull request", until: now + 300, wokenBy: [], endedBy: "whoever merges it" });

export const tokens = (now: number): readonly ShownToken[] => [
  { name: "ci", description: "Promotes to uat", by: "email:jo@example.com", created: now - 864_000, expires: now + 864_000, used: now - 90 },
  { name: "old", description: "", by: "", created: now - 8_640_000, expires: now - 864_000, used: 0 },
  { name: "forever", description: "", by: "", created: now - 8_640_000, expires: 0, used: now - 86_400 },
];

export const PATCH = [
  "--- a/prod/values.yaml",
  "+++ b/prod/values.yaml",
  "@@ -3,5 +3,6 @@",
  " image:",
  "   repository: registry.example.com/web",
  "-  tag: 1.4.1",
  "+  tag: 1.4.2",
  "+  pullPolicy: Always",
  " replicas: 3",
  "",
].join("\n");

/** What the stand-in answers; see standIn.ts. */
export function answers(now: number): Readonly<Record<string, unknown>> {
  const stamp = { rev: 1, at: iso(now) };
  const config = { apiVersion: "kargo.akuity.io/v1alpha1", kind: "ProjectConfig", metadata: { name: PROJECT, namespace: PROJECT, resourceVersion: "7" }, spec: { promotionPolicies: [{ stage: STAGE, autoPromotionEnabled: true }] } };
  const inbox = [
    { kind: "failed", project: PROJECT, stage: STAGE, since: now - 600, promotion: `${STAGE}.01`, freight: FREIGHT, msg: "step git-push failed: remote rejected" },
    { kind: "waits", project: PROJECT, stage: STAGE, since: now - 60, promotion: `${STAGE}.02`, freight: FREIGHT, msg: "the review of the pull request" },
    { kind: "hold", project: PROJECT, stage: "uat", since: now - 86_400, msg: "until the fair is over" },
    { kind: "approve", project: PROJECT, stage: STAGE, freight: FREIGHT },
  ];
  return {
    [`apis/kargo.akuity.io/v1alpha1/namespaces/${PROJECT}/projectconfigs/${PROJECT}`]: config,
    "apis/authorization.k8s.io/v1/selfsubjectaccessreviews": { status: { allowed: true } },
    "towpath/v1/me/inbox": { ...stamp, items: inbox },
    "towpath/v1/me/views": { ...stamp, items: [{ name: "Prod", screen: "board", project: PROJECT, search: { q: "prod" }, saved: iso(now) }, { name: "What failed", screen: "overview", project: "", search: { state: "fail" }, saved: iso(now) }], cursor: null },
    [`towpath/v1/projects/${PROJECT}/board`]: { ...stamp, project: PROJECT, rows: [], cols: [], lanes: [], freight: [], stages: [{ name: STAGE, may: ["promote", "approve"] }], may: [] },
    [`towpath/v1/projects/${PROJECT}/stages/${STAGE}/explain`]: { ...stamp, ...explained(now) },
    [`v1beta1/projects/${PROJECT}/stages/${STAGE}/links`]: { links: [{ title: "Dashboard", url: "https://dash.example.com/" }], errors: ["no value for region"] },
  };
}
