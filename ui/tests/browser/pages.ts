/** Documents of the pages about one thing, beside the board of shop.ts: all that can be there, and much that nobody expects. */
import { shop } from "./shop.ts";

const NOW = Math.floor(Date.now() / 1000);
const at = (secondsAgo: number) => new Date((NOW - secondsAgo) * 1000).toISOString();
export const FREIGHT = "a".repeat(40);
const OTHER = "b".repeat(40);
export const HOSTILE = `<img src=x onerror="window.hit=1">\u202Eevil`;
const LONG = "x".repeat(10_000);
const RUN = "web-uat.01.run";

const answer = { rev: 100, at: at(0) };
const gate = { name: "soaked", open: false, bars: "promotion", reason: "it has been in web-test for 20 min of 2 h", opensAt: at(-7_200), opensBy: ["time alone"], command: "" };

const freight = {
  metadata: { name: FREIGHT, creationTimestamp: at(3_600) },
  alias: "calm-otter",
  origin: { kind: "Warehouse", name: "web" },
  images: [{ repoURL: "registry.example.com/shop/web", tag: "1.9.0", digest: `sha256:${"9f86d081".repeat(8)}` }],
  commits: [{ repoURL: "https://github.com/acme/deploy.git", id: "5d0f1aa".padEnd(40, "0"), branch: "main", message: HOSTILE, author: "Jo <jo@example.com>" }],
  status: { currentlyIn: { "web-test": { since: at(1_200) } }, verifiedIn: { "web-test": { verifiedAt: at(900), longestSoak: "20m0s" } }, metadata: { ticket: "SHOP-17", odd: LONG } },
};

const item = { kind: "signature", format: "cosign", predicate: "", artifactType: "application/vnd.dev.cosign.artifact.sig.v1+json", mediaType: "application/vnd.oci.image.manifest.v1+json", digest: `sha256:${"4ac1f0a2".repeat(8)}`, size: 2_048, created: at(3_000), annotations: { note: HOSTILE }, by: "api" };
const image = { repoURL: "registry.example.com/shop/web", tag: "1.9.0", digest: `sha256:${"9f86d081".repeat(8)}`, by: "api", error: "", askedAt: at(5), attached: [{ ...item, kind: "other", format: "", mediaType: LONG.slice(0, 300), artifactType: "", created: null, size: 0 }, item, { ...item, kind: "sbom", format: "SPDX", by: "cosign" }], isCut: true };
const attached = { freight: FREIGHT, alias: "calm-otter", images: [image, { ...image, repoURL: "registry.example.com/shop/worker", by: "", error: `401 ${HOSTILE}`, attached: [], isCut: false }], leftOut: 2 };

const stage = {
  metadata: { name: "web-uat" },
  spec: { verification: {}, requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources: { stages: ["web-test"], requiredSoakTime: "2h" } }] },
  status: {
    freightHistory: [
      { items: { "Warehouse/web": { name: OTHER } }, verificationHistory: [{ id: "v1", phase: "Failed", message: "latency was too high", startTime: at(4_000), finishTime: at(3_800), analysisRun: { name: RUN } }] },
    ],
  },
};

const explain = {
  stage: "web-uat",
  freight: FREIGHT,
  alias: "calm-otter",
  origin: "Warehouse/web",
  gates: [gate],
  queue: [{ promotion: "web-uat.02", phase: "Pending", freight: FREIGHT }],
  argocd: { connection: "argocd", state: "Connected", error: "" },
  health: { status: "Unhealthy", since: at(600), issues: [HOSTILE], applications: [{ namespace: "argocd", name: "web-uat", health: "Degraded", sync: "Synced", revisions: ["5d0f1aa"], link: "javascript:window.hit=1" }] },
  hooks: [{ run: "h1", hook: "ticket", event: "PromotionSucceeded", phase: "Failed", blocking: true, message: "404 of Jira" }],
  lastPass: { endedAt: at(5), secondsAgo: 5, outcome: "done" },
};

const values = ["1.2", "1.4", "[2.9]", "5 of 5 tries, the last HTTP 200", HOSTILE, { p95: 4 }];
const run = {
  spec: { metrics: [{ name: "latency", successCondition: "result < 2" }] },
  status: { phase: "Failed", metricResults: [{ name: "latency", phase: "Failed", measurements: values.map((value, place) => ({ phase: place === 2 ? "Failed" : "Successful", finishedAt: at(4_000 - place * 30), value })) }] },
};

const warehouse = {
  metadata: { name: "web" },
  spec: { interval: "5m0s", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: "registry.example.com/shop/web", imageSelectionStrategy: "SemVer", constraint: "^1" } }, { git: { repoURL: "https://git.example.com/x" } }] },
  status: {
    conditions: [{ type: "Healthy", status: "False", message: "git: 401 Unauthorized", lastTransitionTime: at(500) }, { type: "FreightCreated", status: "False", message: "it was there already" }],
    discoveredArtifacts: { discoveredAt: at(120), images: [{ repoURL: "registry.example.com/shop/web", references: [{ tag: "1.9.0", digest: "sha256:9f86", createdAt: at(9_000) }, { tag: HOSTILE, digest: "sha256:00" }] }] },
  },
};

const explained = {
  warehouse: "web",
  edited: false,
  explainedAt: at(60),
  lastLook: at(120),
  nextLook: at(-180),
  waitingFor: "",
  failing: { since: at(500), reason: "DiscoveryFailed", message: `git: 401 ${HOSTILE}` },
  settling: { began: at(40), changed: at(10), until: at(-20), latest: at(-90) },
  spent: { since: at(90_000), looks: 12, requests: 30, bytes: 81_920, lastRequests: 1, lastBytes: 0 },
  freight: { state: "exists", message: "it was there already", name: FREIGHT, alias: "calm-otter" },
  subscriptions: [
    {
      place: 0,
      type: "image",
      name: "",
      repoURL: "registry.example.com/shop/web",
      error: "",
      notes: [HOSTILE],
      candidates: [{ name: "1.9.0", outcome: "wins", reason: "the highest version" }, { name: "1.8.2", outcome: "offered" }, { name: LONG, outcome: "excluded", reason: HOSTILE, rule: "constraint" }],
      excluded: [{ rule: "constraint", count: 40 }],
      leftOut: 39,
    },
    { place: 1, type: "git", name: "", repoURL: "https://git.example.com/x", error: "401 Unauthorized", notes: [], candidates: [], excluded: [], leftOut: 0 },
  ],
};

const receiver = { name: "github", type: "github", path: "/webhooks/1", url: "https://towpath.example.com/webhooks/1", problem: "", last: at(900), lastStatus: 200, taken: 3, refused: 0, usualSeconds: 60, silentSeconds: 900, warning: "nothing came for 15 min" };
const receipt = { time: at(900), taken: true, status: 200, id: "1", delivery: "", from: "192.0.2.1", agent: "", bytes: 1, event: HOSTILE, said: "", about: { urls: [], refs: [], tags: [], files: 0 }, woken: [], wokenCount: 0, passed: [{ project: "shop", name: "web", why: HOSTILE }], passedCount: 1, failed: [], failedCount: 0, promotions: 0 };
const doctor = {
  ...answer,
  ill: 2,
  items: [
    { what: "server", is: "ok", said: "version 0.1.0", remedy: "" },
    { what: "disk", is: "ill", said: "1,024 of 4,096 bytes are free where the data lies", remedy: "make room: when the disk is full nothing can be written" },
    { what: "warehouse/web of shop", is: "ill", said: HOSTILE, remedy: "towpath explain warehouse/web -p shop" },
  ],
};

const line = { project: "shop", stage: "web-uat", freight: OTHER, kind: "promotion", actor: "email:kim@example.com" };
const history = {
  ...answer,
  items: [
    { ...line, at: NOW - 60, result: "Running", name: "web-uat.02" },
    { ...line, at: NOW - 9_000, result: "Failed", name: "web-uat.01", reason: HOSTILE },
    { ...line, at: NOW - 99_000, result: "Sublimated", stage: LONG.slice(0, 300) },
  ],
  cursor: null,
};

const compare = {
  artifacts: [
    { kind: "image", name: "registry.example.com/shop/web", change: "changed", before: "1.8.2", after: "1.9.0", commits: [{ id: "9f86d08", subject: "feat(cart): SHOP-17 a button", author: "Jo <jo@example.com>" }, { id: "5d0f1aa", subject: HOSTILE, author: "Eva <eva@example.com>" }] },
    { kind: "image", name: "registry.example.com/shop/worker", change: "changed", before: "1", after: "2", unknown: "the image has no label that names its commit" },
  ],
  leftOut: 0,
  notes: "### web: 1.9.0",
};

export const INBOX = [
  { kind: "failed", project: "shop", stage: "web-prod-us", since: NOW - 900, freight: OTHER, promotion: "web-prod-us.01", msg: "argocd-wait: 2 of 3 Pods crash" },
  { kind: "approve", project: "shop", stage: "web-uat", since: NOW - 300, freight: FREIGHT, msg: HOSTILE },
];

/** What the wire answers, by path. */
export function pages(): Record<string, unknown> {
  const ours = "/towpath/v1/projects/shop";
  const theirs = "/v1beta1/projects/shop";
  return {
    ...shop(),
    "/towpath/v1/me/inbox": { ...answer, items: INBOX, cursor: null },
    "/towpath/v1/me/views": { ...answer, items: [], cursor: null },
    "/towpath/v1/search": { ...answer, hits: [{ kind: "freight", project: "shop", name: FREIGHT, alias: "calm-otter", version: "1.9.0" }, { kind: "stage", project: "shop", name: "web-uat" }], more: false },
    "/towpath/v1/history": history,
    "/towpath/v1/argocd": { items: [{ name: "argocd", by: "rest", state: "Down", since: at(700), error: HOSTILE, applications: 2 }] },
    "/v1beta1/system/controller-heartbeats": { heartbeats: { "": { controller: "", status: "Alive", timestamp: at(2) } } },
    "/v1beta1/system/server-version": { version: "v0.1.0", compiler: "CPython 3.11.7", platform: "linux/x86_64" },
    [`${ours}/compare`]: compare,
    [`${ours}/stages/web-uat/explain`]: explain,
    [`${ours}/stages/web-uat/history`]: { items: [{ origin: "Warehouse/web", freight: OTHER, since: at(5_000), until: null, promotion: "web-uat.01" }, { origin: "Warehouse/web", freight: FREIGHT, since: at(90_000), until: at(5_000), promotion: "web-uat.00" }] },
    [`${theirs}/stages/web-uat`]: stage,
    [`${theirs}/stages/web-uat/links`]: { links: [{ title: "Dashboard", url: "https://grafana.example.com/d/shop" }, { title: "Evil", url: "javascript:window.hit=1" }], errors: ["stageLinks[2]: no such field"] },
    [`${theirs}/freight/${FREIGHT}`]: freight,
    [`${ours}/freight/${FREIGHT}/attached`]: attached,
    [`${theirs}/freight/${FREIGHT}/links`]: { links: [] },
    [`${theirs}/analysis-runs/${RUN}`]: run,
    [`${theirs}/warehouses/web`]: warehouse,
    [`${ours}/warehouses/web/explain`]: explained,
    [`${ours}/webhooks`]: { items: [receiver], at: at(0) },
    [`${ours}/webhooks/github/receipts`]: { receiver: "github", items: [receipt] },
    "/towpath/v1/webhooks": 403,
    "/towpath/v1/doctor": doctor,
  };
}
