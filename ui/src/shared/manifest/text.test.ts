import { describe, expect, it } from "vitest";
import { edited, lineOf, pathOf, read, revisionOf, withField, withRevision } from "./text.ts";

const TEXT = `apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata:
  name: shop # the Project's
spec:
  # the first that matches decides
  promotionPolicies:
  - stage: test
    autoPromotionEnabled: true
  - stageSelector: {name: "glob:prod-*"}
`;

describe("an object as it is edited", () => {
  it("has neither status nor what the server says of it", () => {
    const object = { apiVersion: "v1", kind: "X", metadata: { name: "a", uid: "u", resourceVersion: "7", managedFields: [{}], annotations: { "kargo.akuity.io/refresh": "now", b: "c" }, labels: { d: "e" } }, spec: { f: 1 }, status: { g: 1 } };
    expect(edited(object)).toBe("apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  labels:\n    d: e\n  annotations:\n    b: c\nspec:\n  f: 1\n");
    expect(revisionOf(object)).toBe("7");
  });

  it("is read again as what it was, however odd its texts are", () => {
    const odd = ["on", "1.10", "0x10", "1e3", "~", "", " lead", "trail ", "a: b", "- x", "#c", "'q'", '"d"', "line\nline\n", "\n\n", "tab\there", "null", "=", "<<", "2026-01-01", "\u0085", "!tag", "&a", "*a", "%d", "@x", "`y", "a #b", "key:", "x".repeat(300), "٣", "{}", "[]", "12_000", ".5", ".inf", ".NaN", "NULL", "Yes", "n", "../a", ".", "0b1", "+1", "-.5", "1e", "2026-01-01T00:00:00Z", "0o7", "1:30"];
    for (const text of odd) expect(read(edited({ apiVersion: "v1", kind: "X", metadata: { name: "a" }, data: { [text || "k"]: text, list: [text, { a: [text] }] } })).value?.data).toEqual({ [text || "k"]: text, list: [text, { a: [text] }] });
  });
});

describe("a text", () => {
  it("that cannot be read says where", () => {
    expect(read("a: 1\nb: [1, 2\nc: 3\n").error?.line).toBeGreaterThan(1);
    expect(read("a: 1\n  b: 2\n").value).toBeNull();
    expect(read("a: 1\na: 2\n").error).toMatchObject({ line: 2 });
    expect(read("- a\n").error?.message).toContain("an object is wanted");
    expect(read("a: &a [x]\nb: *c\n").value).toBeNull();
  });

  it("is read as the server reads it: YAML 1.1, in which moments are texts", () => {
    expect(read("on: yes\nat: 2026-01-01\nhex: 0x10\nbig: 1_000\n").value).toEqual({ true: true, at: "2026-01-01", hex: 16, big: 1000 });
    expect(withField("a: yes # kept\nb: 12345678901234567890\n", ["c"], "on")).toBe('a: yes # kept\nb: 12345678901234567890\nc: "on"\n');
  });

  it("tells on which line a field stands, or what it would stand in", () => {
    expect(lineOf(TEXT, "spec.promotionPolicies[0].autoPromotionEnabled")).toBe(9);
    expect(lineOf(TEXT, "spec.promotionPolicies[1].stageSelector.name")).toBe(10);
    expect(lineOf(TEXT, "spec.promotionPolicies[1].autoRollback.onPromotion[0]")).toBe(10);
    expect(lineOf(TEXT, "spec.nothing.of.it")).toBe(5);
    expect(lineOf(TEXT, "")).toBe(0);
    expect(pathOf("metadata.annotations[a.b/c].d[12]")).toEqual(["metadata", "annotations", "a.b/c", "d", 12]);
  });

  it("keeps all that is not changed: comments, order, spelling", () => {
    const changed = withField(TEXT, ["spec", "promotionPolicies", 0, "autoPromotionEnabled"], false);
    expect(changed).toBe(TEXT.replace("autoPromotionEnabled: true", "autoPromotionEnabled: false"));
    const added = withField(TEXT, ["spec", "promotionPolicies", 2], { stage: "uat" });
    expect(added).toContain("# the first that matches decides");
    expect(read(added).value?.spec).toMatchObject({ promotionPolicies: [{}, {}, { stage: "uat" }] });
  });

  it("loses what is removed, and what holds nothing then, but for spec itself", () => {
    const one = "spec:\n  a:\n    b: 1\n  c: 2\n";
    expect(withField(one, ["spec", "a", "b"], undefined)).toBe("spec:\n  c: 2\n");
    expect(withField("spec:\n  a: 1\n", ["spec", "a"], undefined)).toBe("spec: {}\n");
    expect(withField("spec:\n", ["spec", "a", "b"], 1)).toBe("spec:\n  a:\n    b: 1\n");
    expect(withField("kind: X\n", ["metadata", "annotations", "a.b/c"], "d")).toBe("kind: X\nmetadata:\n  annotations:\n    a.b/c: d\n");
  });

  it("says of which revision it is a change, touched nowhere else", () => {
    expect(withRevision(TEXT, "42")).toBe(TEXT.replace("metadata:\n", 'metadata:\n  resourceVersion: "42"\n'));
    expect(withRevision("metadata: {name: a}\n", "42")).toBe('metadata: {resourceVersion: "42", name: a}\n');
    expect(withRevision('metadata:\n  resourceVersion: "7"\n', "42")).toBe('metadata:\n  resourceVersion: "7"\n');
    expect(withRevision("kind: X\n", "42")).toBe("kind: X\n");
  });
});
