import { expect, it } from "vitest";
import type { WireSecret } from "../api/documents.ts";
import { tokenOf, tokensIn } from "./secrets.ts";

const secret = (metadata: object, data: object = {}): WireSecret => ({ metadata, data }) as never;

it("a token is shown by what its Secret says of it", () => {
  const found = tokensIn({ items: [secret({ name: "ci", creationTimestamp: "1970-01-01T00:00:10Z", annotations: { "towpath.dev/expires": "1970-01-01T00:01:00Z", "kargo.akuity.io/create-actor": "email:jo@example.com" } }), secret({})] });
  expect(found[0]).toEqual({ name: "ci", description: "", by: "jo@example.com", created: 10, expires: 60, used: 0 });
  expect(found[1]).toMatchObject({ name: "", expires: 0 });
});

it("a new one is read from the answer, and what is no token is none", () => {
  expect(tokenOf(secret({}, { token: btoa("a.b.c") }))).toBe("a.b.c");
  expect(tokenOf(secret({}, { token: "*** REDACTED ***" }))).toBe("");
  expect(tokenOf(secret({}))).toBe("");
});
