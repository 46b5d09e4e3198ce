/** A world to look at: a shop of two products and three regions, with something in every state. */
import type { WireBoard, WireLens, WireOverview, WireStage } from "../../src/shared/api/documents.ts";

const NOW = Math.floor(Date.now() / 1000);
const HOUR = 3_600;
const at = (): string => new Date().toISOString();
const name = (letter: string): string => letter.repeat(40);

const FREIGHT = [
  ["a", "calm-otter", "web", 0.4, "1.9.0", "9c1e2d7"],
  ["b", "brisk-heron", "web", 5, "1.8.2", "5d0f1aa"],
  ["c", "plain-lamp", "web", 26, "1.8.1", "5d0f1aa"],
  ["d", "early-moth", "web", 40, "1.8.0", "77ab01c"],
  ["e", "round-door", "web", 64, "1.7.9", "77ab01c"],
  ["f", "old-skiff", "web", 150, "1.7.4", "31cc9e0"],
] as const;

const board = {
  rev: 90,
  project: "shop",
  rows: [{ title: "web" }, { title: "billing" }],
  cols: [{ title: "test", env: "test" }, { title: "uat", env: "uat" }, { title: "regions" }, { title: "prod", env: "prod" }],
  lanes: [{ name: "web", next: NOW + 40 }, { name: "billing", error: "registry.example.com: 401 Unauthorized: the credential of Secret regcred is refused" }],
  freight: [
    ...FREIGHT.map(([letter, alias, warehouse, age, tag, commit]) => ({
      name: name(letter),
      alias,
      warehouse,
      time: NOW - age * HOUR,
      artifacts: [["image", "shop/web", tag, "9f86d081884c"], ["git", "shop/config", commit, `${commit}5e6f`]] as const,
    })),
    { name: name("1"), alias: "loud-finch", warehouse: "billing", time: NOW - 30 * HOUR, artifacts: [["chart", "billing", "4.12.0"]] as const },
    { name: name("2"), alias: "dry-pebble", warehouse: "billing", time: NOW - 200 * HOUR, artifacts: [["chart", "billing", "4.11.3"]] as const },
  ],
  stages: [
    { name: "web-test", from: ["web"], freight: [name("a")], since: NOW - 1_200, actor: "controller:stage-controller", auto: true, phase: "Verifying", role: "run", verify: "Running" },
    { name: "web-uat", col: 1, up: ["web-test"], freight: [name("b")], since: NOW - 4 * HOUR, actor: "email:jo@example.com", behind: 1, next: name("a"), blocker: ["soaked", NOW + 2 * HOUR] },
    { name: "web-regions", col: 2, up: ["web-uat"], flow: true, freight: [name("b")], since: NOW - 3 * HOUR, health: "NotApplicable" },
    { name: "web-prod-eu", col: 3, up: ["web-regions"], freight: [name("c")], since: NOW - 20 * HOUR, actor: "email:kim@example.com", behind: 1, next: name("b"), promotion: "web-prod-eu.01", phase: "Promoting", role: "run", step: [3, 7, "git-push", NOW - 12] },
    { name: "web-prod-us", col: 3, ord: 1, up: ["web-regions"], freight: [name("c")], since: NOW - 21 * HOUR, actor: "email:kim@example.com", behind: 1, promotion: "web-prod-us.01", phase: "Failed", role: "fail", msg: "argocd-wait: web-us is Degraded: Deployment web: 2 of 3 Pods crash", health: "Unhealthy" },
    { name: "web-prod-ap", col: 3, ord: 2, up: ["web-regions"], freight: [name("f")], since: NOW - 148 * HOUR, actor: "email:lee@example.com", behind: 4, role: "held", hold: ["email:lee@example.com", NOW - 9 * HOUR, "incident 4711, until the cache is drained"] },
    { name: "billing-test", row: 1, from: ["billing"], freight: [name("1")], since: NOW - 29 * HOUR, actor: "controller:stage-controller", auto: true },
    { name: "billing-uat", row: 1, col: 1, up: ["billing-test"], freight: [name("1")], since: NOW - 10 * HOUR, actor: "email:jo@example.com", phase: "Unverified", role: "wait", verify: "Pending" },
    ...["at", "be", "de", "fr", "it", "nl", "pl"].map(
      (each, ord): WireStage => ({ name: `billing-prod-${each}`, row: 1, col: 3, ord, up: ["billing-uat"], freight: [name("2")], since: NOW - (190 - ord) * HOUR, actor: "email:kim@example.com", behind: 1, ...(ord === 2 ? { phase: "Unhealthy", role: "fail", health: "Unhealthy", msg: "smoke: 503" } : {}) }),
    ),
  ],
  may: ["promote", "approve", "verify", "hold"],
} satisfies Omit<WireBoard, "at">;

const lens = {
  rev: 90,
  freight: name("a"),
  stages: {
    "web-test": ["here"],
    "web-uat": ["waits", "soaked", NOW + 2 * HOUR, [NOW + 2 * HOUR, NOW + 2.2 * HOUR]],
    "web-regions": ["waits", "verified", 0, [NOW + 2.3 * HOUR, NOW + 3 * HOUR]],
    "web-prod-eu": ["waits", "verified", 0, [NOW + 3 * HOUR, 0]],
    "web-prod-us": ["failed"],
    "web-prod-ap": ["waits", "verified", 0, [NOW + 3 * HOUR, 0]],
    "billing-test": ["no"],
    "billing-uat": ["no"],
    ...Object.fromEntries(["at", "be", "de", "fr", "it", "nl", "pl"].map((each) => [`billing-prod-${each}`, ["no"]] as const)),
  },
} satisfies Omit<WireLens, "at">;

const overview = {
  rev: 90,
  envs: ["test", "uat", "prod"],
  projects: [
    {
      name: "shop",
      labels: { team: "storefront" },
      cells: {
        test: { n: 2, role: "run", roles: { ok: 1, run: 1 }, ver: ["1.9.0", "4.12.0"], vers: 2, since: NOW - 1_200 },
        uat: { n: 2, role: "wait", roles: { ok: 1, wait: 1 }, ver: ["1.8.2", "4.12.0"], vers: 2, since: NOW - 4 * HOUR, behind: 1 },
        prod: { n: 10, role: "fail", roles: { fail: 2, held: 1, run: 1, ok: 6 }, ver: ["1.8.1", "1.7.4", "4.11.3"], vers: 3, since: NOW - 20 * HOUR, behind: 4 },
      },
      trouble: [
        ["web-prod-us", "fail", "Failed", "argocd-wait: web-us is Degraded: Deployment web: 2 of 3 Pods crash", NOW - 900, "web-prod-us.01"],
        ["billing-prod-de", "fail", "Unhealthy", "smoke: 503 from https://de.billing.example.com/healthz", NOW - 3_000, ""],
        ["warehouse/billing", "fail", "", "registry.example.com: 401 Unauthorized: the credential of Secret regcred is refused", NOW - 7_000, ""],
      ],
      counts: { stages: 15, freight: 8, running: 1, trouble: 3 },
    },
    { name: "search", labels: { team: "discovery" }, cells: { test: { ver: ["7.2.0"], since: NOW - 700, stage: "test" }, uat: { ver: ["7.1.4"], since: NOW - 90_000, behind: 2, stage: "uat" }, prod: { ver: ["7.1.4"], since: NOW - 50_000, stage: "prod" } } },
    { name: "ledger", cells: { test: { ver: ["2026-11-27_0912-4be1d0c"], since: NOW - 180_000, stage: "test" }, prod: { role: "held", ver: ["2026-11-20_1500-77c0ffe"], since: NOW - 700_000, behind: 1, stage: "prod" } } },
    { name: "notify", cells: { test: { role: "none", stage: "test" } } },
  ],
  moves: [
    ["shop", "web-prod-eu", name("b"), "1.8.2", "Running", "email:kim@example.com", NOW - 40, 0, "web-prod-eu.01"],
    ["shop", "web-prod-us", name("b"), "1.8.2", "Failed", "email:kim@example.com", NOW - 1_100, NOW - 900, "web-prod-us.01"],
    ["shop", "web-test", name("a"), "1.9.0", "Succeeded", "controller:stage-controller", NOW - 1_280, NOW - 1_200, "web-test.01"],
    ["search", "prod", name("d"), "7.1.4", "Succeeded", "email:jo@example.com", NOW - 50_220, NOW - 50_000, "prod.01"],
    ["ledger", "test", name("e"), "2026-11-27_0912-4be1d0c", "Aborted", "email:lee@example.com", NOW - 180_200, NOW - 180_000, "test.01"],
  ],
} satisfies Omit<WireOverview, "at">;

const gate = (each: string, isOpen: boolean, bars: string, reason: string, more: object = {}) => ({ name: each, open: isOpen, bars, reason, since: null, opensAt: null, opensBy: [], command: "", ...more });

const explain = {
  stage: "web-uat",
  freight: name("a"),
  alias: "calm-otter",
  origin: "Warehouse/web",
  summary: "One gate is shut.",
  gates: [
    gate("soaked", false, "promotion", "it has been in web-test for 20 min of 2 h 20 min", { means: "It cannot be promoted", opensAt: new Date((NOW + 2 * HOUR) * 1000).toISOString(), opensBy: ["time alone", "who may approve Freight for web-uat"], command: "towpath approve --freight calm-otter --stage web-uat -p shop" }),
    gate("policy", false, "autoPromotion", "auto-promotion is off here: no policy matches Stage web-uat", { means: "It is not promoted by itself", opensBy: ["who may change ProjectConfig shop, by adding a policy for Stage web-uat"] }),
    gate("stage", true, "promotion", "Stage web-uat can be promoted to"),
    gate("verified", true, "promotion", "verified in web-test"),
    gate("turn", true, "start", "nothing is under way in the Stage"),
  ],
  waitingFor: null,
};

const view = (called: string, screen: string, project: string, search: object) => ({ name: called, screen, project, search, saved: at() });

/** What the wire answers, by path. */
export function shop(): Record<string, unknown> {
  return {
    "/towpath/v1/overview": { ...overview, at: at() },
    "/towpath/v1/me/inbox": { rev: 100, at: at(), items: [], cursor: null },
    "/towpath/v1/me/views": { rev: 100, at: at(), items: [view("What failed", "overview", "", { state: "fail" }), view("Prod, longest first", "board", "shop", { q: "prod", view: "list", sort: "-since" })], cursor: null },
    "/towpath/v1/projects/shop/board": { ...board, at: at() },
    "/towpath/v1/projects/shop/lens": { ...lens, at: at() },
    "/towpath/v1/projects/shop/stages/web-uat/explain": explain,
    "/towpath/v1/history": { rev: 100, at: at(), items: [{ at: NOW - 4 * HOUR, project: "shop", stage: "web-uat", freight: name("b"), result: "Succeeded", actor: "email:jo@example.com", reason: "the fair begins on Monday", name: "web-uat.00" }], cursor: null },
    "/towpath/v1/projects/shop/promotions/web-uat.00": { rev: 100, at: at(), name: "web-uat.00", stage: "web-uat", freight: name("b"), phase: "Succeeded", steps: [{ alias: "push", kind: "git-push", status: "Succeeded", links: [{ kind: "commit", text: "5d0f1aa", url: "https://github.com/acme/deploy/commit/5d0f1aa" }] }] },
  };
}

/** A project as its first screen finds it. */
export function empty(): Record<string, unknown> {
  return {
    "/towpath/v1/overview": { rev: 1, at: at() },
    "/towpath/v1/me/inbox": { rev: 1, at: at(), items: [], cursor: null },
    "/towpath/v1/me/views": { rev: 1, at: at(), items: [], cursor: null },
    "/towpath/v1/projects/shop/board": { rev: 1, at: at(), project: "shop" },
  };
}
