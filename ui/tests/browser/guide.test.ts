/** The guided first move, by keys alone: it leads from the overview to a move, and stays away once it is put away. */
import { describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { isInDialog } from "./acting.ts";
import { hasBrowser, open, passesAxe } from "./browser.ts";
import { wired } from "./opening.ts";

const OVERVIEW = "/towpath/v1/overview";

const isPossible = hasBrowser();

const step = (page: Page, number: number) => page.locator(`[data-guide="${number}"]`).waitFor();

describe.runIf(isPossible)("the guided first move", () => {
  const here = wired();

  const guided = () => {
    const overview = here.wire.answering.documents[OVERVIEW] as { projects: { name: string }[] };
    here.wire.answering.documents[OVERVIEW] = { ...overview, projects: overview.projects.map((each) => (each.name === "shop" ? { ...each, labels: { "towpath.dev/guide": "first-move" } } : each)) };
  };

  it("leads by keys from the overview to the sheet, and is not seen again once it is put away", async () => {
    guided();
    const { page, context, complaints } = await open(here.browser);
    await page.goto(`${here.wire.url}/`);
    await step(page, 1);
    await passesAxe(page);
    await page.getByRole("link", { name: "Open shop" }).press("Enter");
    await step(page, 2);
    await page.locator("[data-place='stage:web-test']").focus();
    await page.keyboard.press("f");
    await step(page, 3);
    await page.locator("[data-place='stage:web-uat']").focus();
    await page.keyboard.press("p");
    await step(page, 4);
    // The sheet takes the focus once it is there.
    await isInDialog(page);
    await page.getByRole("button", { name: "Not now" }).press("Enter");
    await page.locator("[data-guide]").waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.goto(`${here.wire.url}/`);
    await page.getByText("What is where").waitFor();
    await expect.poll(() => page.locator("[data-guide]").count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is not there where no Project asks for it", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/`);
    await page.getByText("What is where").waitFor();
    await expect.poll(() => page.locator("[data-guide]").count()).toBe(0);
    await context.close();
  });

  it("rows are compact for whoever chooses so, and stay so", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop`);
    const cell = page.locator("[data-place='stage:web-uat']");
    const before = (await cell.boundingBox())?.height ?? 0;
    await page.getByRole("button", { name: /^Signed in/ }).click();
    await page.getByRole("menuitem", { name: "Compact" }).click();
    await expect.poll(async () => (await cell.boundingBox())?.height).toBeLessThan(before);
    await page.reload();
    await expect.poll(async () => (await cell.boundingBox())?.height).toBeLessThan(before);
    await passesAxe(page);
    await context.close();
  });
});
