import { expect, it } from "vitest";
import { commitsIn } from "./lastMove.ts";

const step = (alias: string, ...links: { readonly kind: string; readonly text: string; readonly url?: string }[]) => ({ alias, kind: "git-push", links });
const promotion = (...steps: ReturnType<typeof step>[]) => ({ rev: 1, at: "", name: "p", stage: "prod", freight: "f", steps });

it("a commit that two steps tell of is one, with the address that either of them knows", () => {
  const url = "https://github.com/acme/deploy/commit/1a2b3c4";
  expect(commitsIn(promotion(step("commit", { kind: "commit", text: "1a2b3c4" }), step("push", { kind: "commit", text: "1a2b3c4", url }, { kind: "page", text: "open", url })))).toEqual([{ text: "1a2b3c4", url }]);
});

it("what is no address of a page leads nowhere", () => {
  expect(commitsIn(promotion(step("push", { kind: "commit", text: "1a2b3c4", url: "javascript:alert(1)" })))).toEqual([{ text: "1a2b3c4", url: "" }]);
  expect(commitsIn(promotion())).toEqual([]);
});
