import { expect, it } from "vitest";
import { readFreight, webAddress } from "./read.ts";

it("reads Freight that has nothing", () => {
  expect(readFreight({})).toMatchObject({ name: "", version: "", artifacts: [], evidence: [], notes: [], quarantine: null });
});

it("an image, a commit and a chart in rows, with where a browser finds them", () => {
  const { artifacts, version } = readFreight({
    commits: [{ repoURL: "https://github.com/acme/web.git", id: "9f86d081884c7d65", message: "a change" }, { repoURL: "git@example.com:a/b", id: "abcdef1234" }],
    images: [{ repoURL: "registry.example.com/web", tag: "1.4.2", digest: "sha256:9f", annotations: { "org.opencontainers.image.source": "javascript:alert(1)" } }],
    charts: [{ repoURL: "https://charts.example.com", name: "web", version: "0.3.0" }],
  });
  expect(version).toBe("9f86d08");
  expect(artifacts.map((each) => `${each.kind} ${each.version} ${each.url}`)).toEqual([
    "Commit 9f86d08 https://github.com/acme/web/commit/9f86d081884c7d65",
    "Commit abcdef1 ",
    "Image 1.4.2 ",
    "Chart 0.3.0 https://charts.example.com",
  ]);
});

it.each(["javascript:alert(1)", "https://jo:secret@example.com/x", "data:text/html,x", "https://a b", ""])("%s is no address to follow", (url) => {
  expect(webAddress(url)).toBe("");
});

it("evidence by Stage, and what steps noted", () => {
  const { evidence, notes } = readFreight({
    status: {
      currentlyIn: { test: { since: "1970-01-01T00:00:09Z" } },
      verifiedIn: { test: { verifiedAt: "1970-01-01T00:00:20Z", longestSoak: "2h0m0s" } },
      approvedFor: { prod: { approvedAt: "1970-01-01T00:00:30Z" } },
      metadata: { ticket: "LMS-1", many: { a: 1 }, "towpath.dev/verified-by": { test: "run-1" } },
    },
  });
  expect(evidence).toEqual([
    { stage: "prod", since: 0, verifiedAt: 0, verifiedBy: "", longestSoak: "", approvedAt: 30 },
    { stage: "test", since: 9, verifiedAt: 20, verifiedBy: "run-1", longestSoak: "2h0m0s", approvedAt: 0 },
  ]);
  expect(notes).toEqual([["ticket", "LMS-1"], ["many", '{"a":1}']]);
});

it.each([
  ['{"reason":"CVE-1","actor":"email:jo@example.com","at":"1970-01-01T00:00:09Z"}', { reason: "CVE-1", actor: "email:jo@example.com", since: 9 }],
  ["written by hand", { reason: "written by hand", actor: "", since: 0 }],
  ["[1]", { reason: "[1]", actor: "", since: 0 }],
])("a quarantine of %s", (text, expected) => {
  expect(readFreight({ metadata: { annotations: { "towpath.dev/quarantine": text } } }).quarantine).toEqual(expected);
});
