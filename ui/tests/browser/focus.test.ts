/** What the board shows of the one Stage in focus: a card, all of its edges, and what keys and screen readers have of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, launch, open, violations } from "./browser.ts";
import { shop } from "./shop.ts";
import { Wire } from "./wire.ts";

let browser: Browser;
let wire: Wire;

const isPossible = hasBrowser();
const cell = (page: Page, stage: string) => page.locator(`[data-place="stage:${stage}"]`);

describe.runIf(isPossible)("the Stage in focus", () => {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => await browser.close());
  beforeEach(async () => {
    wire = await Wire.start();
    wire.answering.documents = shop();
    return async () => await wire.close();
  });

  it("has a card by keys alone, which Escape puts away without leaving the Stage or the lens", async () => {
    const { page, context } = await open(browser);
    await page.goto(`${wire.url}/p/shop?freight=calm-otter`);
    await cell(page, "web-test").focus();
    await page.keyboard.press("ArrowRight");
    const card = page.getByRole("tooltip");
    await card.getByText("by jo@example.com").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.place)).toBe("stage:web-uat");
    expect(page.url()).toContain("freight=calm-otter");
    await context.close();
  });

  it("stays in the sheet when Freight is chosen by keys", async () => {
    const { page, context } = await open(browser);
    await page.goto(`${wire.url}/p/shop?move=promote&to=web-test`);
    await page.getByRole("region", { name: "Which Freight" }).getByRole("button").first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Which Freight" }).waitFor({ state: "detached" });
    await expect.poll(async () => page.evaluate(() => document.activeElement?.closest("[role=dialog]") !== null)).toBe(true);
    await context.close();
  });

  it("has all of its edges, also those that skip a column, for the pointer as well", async () => {
    const { page, context } = await open(browser);
    await page.goto(`${wire.url}/p/shop`);
    await cell(page, "billing-uat").hover();
    await page.locator('[data-edge="billing-test billing-uat"]').waitFor({ state: "attached" });
    expect(await page.locator('[data-edge^="billing-uat billing-prod-"]').count()).toBeGreaterThan(1);
    await page.mouse.move(2, 2);
    await page.getByRole("tooltip").waitFor({ state: "detached" });
    await context.close();
  });
});
