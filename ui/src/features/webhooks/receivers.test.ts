import { expect, it } from "vitest";
import { addressOf, headersOf, readReceiver, withSender } from "./receivers.ts";

it("a receiver is of one sender, and another one keeps name and secret", () => {
  const found = { name: "a", github: { secretRef: { name: "s" } } };
  expect(readReceiver(found)).toEqual({ name: "a", sender: "github", secret: "s" });
  expect(withSender(found, "gitlab")).toEqual({ name: "a", gitlab: { secretRef: { name: "s" } } });
  expect(Object.keys(withSender(found, "generic"))).toEqual(["name", "generic"]);
  expect(readReceiver("odd")).toEqual({ name: "", sender: "", secret: "" });
});

it("its address is what the server says", () => {
  const object = { status: { webhookReceivers: [{ name: "a", url: "https://x/webhooks/1", path: "/webhooks/1" }, { name: "b", path: "/webhooks/2" }, 7] } };
  expect([addressOf(object, "a"), addressOf(object, "b"), addressOf(object, "c"), addressOf(null, "a")]).toEqual(["https://x/webhooks/1", "/webhooks/2", "", ""]);
});

it("headers are read a line each, and a line that is none is named", () => {
  expect(headersOf("X-GitHub-Event: push\n\n  X-Empty:\nX-Time: 12:30 ")).toEqual({ headers: { "X-GitHub-Event": "push", "X-Empty": "", "X-Time": "12:30" }, wrong: "" });
  expect(headersOf("A: b\n{}").wrong).toContain("Line 2");
  expect(headersOf("two words: b").wrong).toContain("Line 1");
});
