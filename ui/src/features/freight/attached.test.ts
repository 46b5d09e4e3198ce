import { expect, it } from "vitest";
import type { WireAttachedImage, WireAttachment } from "@/shared/api/documents.ts";
import { readAttached } from "./attached.ts";

const item = (more: Partial<WireAttachment>): WireAttachment => ({ kind: "other", format: "", predicate: "", artifactType: "", mediaType: "application/x", digest: "sha256:1", size: 0, created: null, annotations: {}, by: "api", ...more });
const image = (more: Partial<WireAttachedImage>): WireAttachedImage => ({ repoURL: "ghcr.io/acme/web", tag: "1.4.2", digest: "sha256:9f", by: "api", error: "", askedAt: null, attached: [], isCut: false, ...more });
const read = (...images: WireAttachedImage[]) => readAttached({ freight: "f", alias: "", images, leftOut: 0 });

it("signatures come first, then bills of materials, and what nobody knows comes last", () => {
  const [found] = read(image({ attached: [item({}), item({ kind: "attestation" }), item({ kind: "sbom", format: "SPDX" }), item({ kind: "signature", format: "cosign" })] }));
  expect(found?.attached.map((each) => each.kind)).toEqual(["Signature", "Bill of materials", "Attestation", "Other"]);
});

it("what is told once is not told again: type, predicate and the times that have a place of their own", () => {
  const [found] = read(image({ attached: [item({ kind: "attestation", format: "SLSA provenance", predicate: "https://slsa.dev/provenance/v1", artifactType: "application/y", size: 2048, created: "1970-01-01T00:01:00Z", by: "cosign", annotations: { "org.opencontainers.image.created": "x", team: "web" } })] }));
  expect(found?.attached[0]).toMatchObject({ what: "SLSA provenance", size: "2.0 KiB", created: 60 });
  expect(found?.attached[0]?.details).toEqual([["type", "application/y"], ["predicate", "https://slsa.dev/provenance/v1"], ["found", "by a tag of cosign's"], ["team", "web"]]);
  expect(read(image({ attached: [item({})] }))[0]?.attached[0]).toMatchObject({ what: "application/x", size: "", details: [] });
});

it.each([
  [{}, "Nothing is attached."],
  [{ by: "nothing" }, "Its registry does not tell"],
  [{ isCut: true, attached: [item({})] }, "There is more"],
  [{ attached: [item({})] }, ""],
  [{ by: "", error: "401 Unauthorized" }, ""],
] as const)("%j is said in one sentence", (more, said) => {
  expect(read(image(more))[0]?.said).toMatch(said === "" ? /^$/ : said);
});
