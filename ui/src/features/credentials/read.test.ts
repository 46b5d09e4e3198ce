import { expect, it } from "vitest";
import type { WireSecret } from "@/shared/api/documents.ts";
import { EMPTY, changing, creating, readCredential, typedOf } from "./read.ts";

const secret = (type: string, stringData: object, annotations: object = {}) => ({ metadata: { name: "c", labels: { "kargo.akuity.io/cred-type": type }, annotations }, stringData }) as unknown as WireSecret;
const GIT = readCredential(secret("git", { repoURL: "https://git.example.com/a", username: "jo", password: "*** REDACTED ***" }, { "kargo.akuity.io/description": "deploys" }));
const GENERIC = readCredential(secret("generic", { apiKey: "*** REDACTED ***", url: "*** REDACTED ***" }));

it("a credential is shown by what it is for, and of others the names of their values", () => {
  expect(GIT).toMatchObject({ type: "git", url: "https://git.example.com/a", username: "jo", description: "deploys", isPattern: false });
  expect(GENERIC).toMatchObject({ url: "", username: "", keys: ["apiKey", "url"] });
  expect(readCredential({})).toMatchObject({ name: "", type: "" });
});

it("what is not typed is not sent: values that are there stay", () => {
  expect(changing(GIT, typedOf(GIT)).body).toEqual({});
  expect(changing(GIT, { ...typedOf(GIT), password: "new" }).body).toEqual({ password: "new" });
  expect(changing(GIT, { ...typedOf(GIT), description: "" }).body).toEqual({ description: "" });
  expect(changing(GIT, { ...typedOf(GIT), repoUrl: "https://git\\..*", repoUrlIsRegex: true, password: "p" }).body).toEqual({ repoUrl: "https://git\\..*", repoUrlIsRegex: true, password: "p" });
  const typed = typedOf(GENERIC);
  expect(changing(GENERIC, typed).body).toEqual({});
  expect(changing(GENERIC, { ...typed, values: [{ key: "url", text: "x", isThere: true }, { key: "more", text: "y", isThere: false }] })).toEqual({ end: "generic-credentials", body: { data: { url: "x", more: "y" }, removeKeys: ["apiKey"] } });
});

it("a new one has what was typed", () => {
  expect(creating({ ...EMPTY, name: "n", repoUrl: "u", username: "jo", password: "p" })).toEqual({ end: "repo-credentials", body: { name: "n", type: "git", repoUrl: "u", repoUrlIsRegex: false, username: "jo", password: "p" } });
  expect(creating({ ...EMPTY, type: "generic", name: "n", description: "d", values: [{ key: "a", text: "b", isThere: false }, { key: "", text: "", isThere: false }] })).toEqual({ end: "generic-credentials", body: { name: "n", description: "d", data: { a: "b" } } });
});
