import { expect, it } from "vitest";
import { ApiError, createApi, fieldsOf, warningsOf, type Credentials } from "./client.ts";

it("all warnings of an answer are read, also those with quotes and commas in them", () => {
  expect(warningsOf('299 - "spec.a: no \\\\"b\\\\", and \\\\\\\\ no c", 299 - "second"'.replaceAll("\\\\", "\\"))).toEqual(['spec.a: no "b", and \\ no c', "second"]);
  expect(warningsOf("")).toEqual([]);
});

it("fields that are wrong are told apart, whatever else an answer has", () => {
  const error = new ApiError(422, "invalid", "", { details: { causes: [{ field: "spec.stage", message: "is needed" }, { message: 7 }] } });
  expect(fieldsOf(error)).toEqual([{ field: "spec.stage", message: "is needed" }, { field: "", message: "" }]);
  expect(fieldsOf(new ApiError(500, "x", "", { details: "odd" }))).toEqual([]);
  expect(fieldsOf(new TypeError("x"))).toEqual([]);
});

it("whoever signs in while an older request is refused stays signed in", async () => {
  let credentials: Credentials = { kind: "none" };
  let out = 0;
  const refused = (during: Credentials) => {
    const fetch = () => {
      credentials = during;
      return Promise.resolve(new Response("{}", { status: 401 }));
    };
    const api = createApi({ fetch, base: "http://x/", credentials: () => credentials, onSignedOut: () => (out += 1), onServerTime: () => undefined });
    return api.get("a").catch(() => undefined);
  };
  const token: Credentials = { kind: "token", token: "t" };
  await refused(token);
  expect(out).toBe(0);
  await refused(token);
  expect(out).toBe(1);
});
