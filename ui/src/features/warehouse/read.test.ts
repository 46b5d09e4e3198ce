import { expect, it } from "vitest";
import { assembled, durationOf, readWarehouse } from "./read.ts";

const read = readWarehouse({
  spec: { interval: "5m0s", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: "r/web", imageSelectionStrategy: "SemVer", constraint: "^1", allowTagsRegexes: [] } }, { git: { repoURL: "https://g/x", branch: "main" } }] },
  status: {
    discoveredArtifacts: {
      discoveredAt: "1970-01-01T00:00:09Z",
      git: [{ repoURL: "https://g/x", commits: [{ id: "9f86d081884c", subject: "a change", author: "jo" }, { id: "abc", tag: "v1" }] }],
      images: [{ repoURL: "r/web", references: [{ tag: "1.5.0", digest: "sha256:a" }, { tag: "1.4.2", digest: "sha256:b" }] }],
      charts: [{ repoURL: "https://c", name: "web", versions: ["0.3.0"] }],
    },
    conditions: [{ type: "Healthy", status: "False", message: "401 Unauthorized" }],
  },
});

it("each source with its candidates and the rule by which the first wins", () => {
  expect(read.sources.map((each) => `${each.kind} ${each.where}: ${each.candidates.map((one) => one.version).join(", ")} (${each.rule})`)).toEqual([
    "git https://g/x: 9f86d08, v1 (branch main)",
    "image r/web: 1.5.0, 1.4.2 (imageSelectionStrategy SemVer · constraint ^1)",
    "chart https://c web: 0.3.0 ()",
  ]);
  expect(read).toMatchObject({ isManual: true, looked: 9, subscriptions: 2, interval: 300, conditions: [{ role: "fail", message: "401 Unauthorized" }] });
});

it("puts Freight together of what was chosen, else of the first", () => {
  const image = read.sources[1]!;
  expect(assembled("shop", "web", read.sources, new Map([[image.id, 1]]), "hot-fix")).toEqual({
    apiVersion: "kargo.akuity.io/v1alpha1",
    kind: "Freight",
    metadata: { namespace: "shop" },
    alias: "hot-fix",
    origin: { kind: "Warehouse", name: "web" },
    commits: [{ repoURL: "https://g/x", id: "9f86d081884c", message: "a change", author: "jo" }],
    images: [{ repoURL: "r/web", tag: "1.4.2", digest: "sha256:b" }],
    charts: [{ repoURL: "https://c", name: "web", version: "0.3.0" }],
  });
});

it.each([
  ["5m0s", 300],
  ["1h30m0s", 5_400],
  ["90s", 90],
  ["", 0],
  ["soon", 0],
])("an interval of %s is %d seconds", (text, expected) => {
  expect(durationOf(text)).toBe(expected);
});

it("reads a Warehouse that has never looked", () => {
  expect(readWarehouse({})).toEqual({ interval: 0, isManual: false, looked: 0, subscriptions: 0, sources: [], conditions: [] });
});
