/** What the board shows of the one Stage in focus: a card, all of its edges, and what keys and screen readers have of it. */
import { describe, expect, it } from "vitest";
import { hasBrowser, open, passesAxe } from "./browser.ts";
import { cell, isInDialog } from "./acting.ts";
import { wired } from "./opening.ts";

const isPossible = hasBrowser();

describe.runIf(isPossible)("the Stage in focus", () => {
  const here = wired();

  it("has a card by keys alone, which Escape puts away without leaving the Stage or the lens", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop?freight=calm-otter`);
    await cell(page, "web-test").focus();
    await page.keyboard.press("ArrowRight");
    const card = page.getByRole("tooltip");
    await card.getByText("by jo@example.com").waitFor();
    // What the board has no room for is asked for when somebody looks at the card: why it was moved, and the commit.
    for (const said of ["the fair begins on Monday", "5d0f1aa"]) await card.getByText(said).first().waitFor();
    await passesAxe(page);
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.place)).toBe("stage:web-uat");
    await expect.poll(() => page.url()).toContain("freight=calm-otter");
    await context.close();
  });

  it("is asked about once somebody rests on it, not by whoever walks past", async () => {
    const { page, context } = await open(here.browser);
    await page.clock.install();
    await page.goto(`${here.wire.url}/p/shop`);
    await cell(page, "web-test").waitFor();
    // From here on time passes where the test says so: how long keys take to come is no rest.
    await page.clock.pauseAt(Date.now() + 5_000);
    await cell(page, "web-test").focus();
    const asked = () => here.wire.asked.filter((each) => each.includes("/history?")).length;
    for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"]) {
      await page.keyboard.press(key);
      await page.clock.runFor(100);
    }
    // The card comes first, which asks nothing yet.
    await page.clock.runFor(200);
    await page.getByRole("tooltip").waitFor();
    expect(asked()).toBe(0);
    await page.clock.runFor(400);
    await expect.poll(asked).toBe(1);
    await context.close();
  });

  it("leads by its menu to the Promotion that brought what is there, and to its commit", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop`);
    await cell(page, "web-uat").focus();
    await page.keyboard.press(".");
    const commit = page.getByRole("menuitem", { name: "Commit 5d0f1aa" });
    await commit.waitFor();
    await expect.poll(() => commit.getAttribute("href")).toBe("https://github.com/acme/deploy/commit/5d0f1aa");
    await expect.poll(() => commit.getAttribute("rel")).toBe("noreferrer noopener");
    await passesAxe(page);
    await page.getByRole("menuitem", { name: "The Promotion that brought it" }).press("Enter");
    await page.waitForURL(/\/p\/shop\/promotion\/web-uat\.00$/);
    await context.close();
  });

  it("leads to the log of what failed there by one key", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop`);
    await cell(page, "web-prod-us").focus();
    await page.keyboard.press("l");
    await page.waitForURL(/\/p\/shop\/promotion\/web-prod-us\.01$/);
    await context.close();
  });

  it("stays in the sheet when Freight is chosen by keys", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop?move=promote&to=web-test`);
    await isInDialog(page);
    await page.getByRole("region", { name: "Which Freight" }).getByRole("button").first().press("Enter");
    await page.getByRole("region", { name: "Which Freight" }).waitFor({ state: "detached" });
    await isInDialog(page);
    await context.close();
  });

  it("has all of its edges, also those that skip a column, for the pointer as well", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop`);
    await cell(page, "billing-uat").hover();
    await page.locator('[data-edge="billing-test billing-uat"]').waitFor({ state: "attached" });
    await expect.poll(() => page.locator('[data-edge^="billing-uat billing-prod-"]').count()).toBeGreaterThan(1);
    await page.mouse.move(2, 2);
    await page.getByRole("tooltip").waitFor({ state: "detached" });
    await context.close();
  });
});
