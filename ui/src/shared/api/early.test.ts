import { expect, it } from "vitest";
import { TOO_OLD, withEarly } from "./early.ts";

const URL_ = "http://x/towpath/v1/session";
const asking = (since = 0) => {
  const asked = new Map([[URL_, Promise.resolve(new Response("early"))]]);
  const get = withEarly(() => Promise.resolve(new Response("anew")), asked, () => since);
  return async (url: string, init?: RequestInit) => await (await get(url, init)).text();
};

it("takes what was asked for already, once", async () => {
  const get = asking();
  expect(await get("http://x/another")).toBe("anew");
  expect(await get(URL_, { method: "GET" })).toBe("early");
  expect(await get(URL_)).toBe("anew");
});

it("asks anew as somebody else, for a change, and after a while", async () => {
  expect(await asking()(URL_, { headers: { Authorization: "Bearer x" } })).toBe("anew");
  expect(await asking()(URL_, { method: "DELETE" })).toBe("anew");
  expect(await asking(TOO_OLD + 1)(URL_)).toBe("anew");
});

it("passes on that nobody answered", async () => {
  const asked = new Map([[URL_, Promise.reject<Response>(new TypeError("away"))]]);
  await expect(withEarly(fetch, asked, () => 0)(URL_)).rejects.toThrow("away");
});
