import { expect, it } from "vitest";
import { yaml } from "./yaml.ts";

it("writes what people read", () => {
  expect(yaml({ kind: "Promotion", spec: { steps: [{ as: "push", config: { force: false, depth: 2 } }, { as: "x" }], empty: [], none: {} }, note: "a\nb\n" })).toBe(
    ["kind: Promotion", "spec:", "  steps:", "  - as: push", "    config:", "      force: false", "      depth: 2", "  - as: x", "  empty: []", "  none: {}", "note: |", "  a", "  b"].join("\n"),
  );
});

it("quotes what would be read as something else", () => {
  expect(yaml({ a: "true", b: "1.10", c: "", d: "x: y", e: null, "on": "no", f: "key:" })).toBe(['a: "true"', 'b: "1.10"', 'c: ""', 'd: "x: y"', "e: null", '"on": "no"', 'f: "key:"'].join("\n"));
});
