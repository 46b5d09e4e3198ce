import { expect, it } from "vitest";
import { addressOf, fareOf, readReceiver, withSender } from "./receivers.ts";

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

it("a receiver that does not listen, or refused the last, is told as failed; a silent one waits", () => {
  const well = { problem: "", warning: "", last: "2026-01-01T00:00:00Z", lastStatus: 200 };
  expect([well, { ...well, problem: "no secret" }, { ...well, lastStatus: 401 }, { ...well, warning: "silent" }, { ...well, last: null, lastStatus: null }].map((each) => fareOf(each).role)).toEqual(["ok", "fail", "fail", "wait", "none"]);
});
