import { expect, it } from "vitest";
import { fareOf, receiptsOf, receiversOf } from "./fare.ts";

it("a receiver that does not listen, or refused the last, is told as failed; a silent one waits", () => {
  const well = { problem: "", warning: "", last: "2026-01-01T00:00:00Z", lastStatus: 200 };
  expect([well, { ...well, problem: "no secret" }, { ...well, lastStatus: 401 }, { ...well, warning: "silent" }, { ...well, last: null, lastStatus: null }].map((each) => fareOf(each).role)).toEqual(["ok", "fail", "fail", "wait", "none"]);
});

it("names of receivers and Projects stand encoded in addresses", () => {
  expect([receiversOf(""), receiversOf("a/b"), receiptsOf("shop", "x y")]).toEqual(["towpath/v1/webhooks", "towpath/v1/projects/a%2Fb/webhooks", "towpath/v1/projects/shop/webhooks/x%20y/receipts"]);
});
