/**
 * A person who has never seen it, before what `make run` starts: what is in prod, the next version promoted, why another cannot go yet and when
 * it will, and the previous one put back. By the pointer, and by keys alone.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { cell, focused, press, pressUntil, ready, succeeded, hasFocus, putCardAway } from "./acting.ts";
import { hasBrowser, launch, open } from "./browser.ts";
import { DemoServer } from "./demo.ts";
import { enter } from "./opening.ts";

const PROJECT = "online-shop";
/** What is in prod after three weeks, of the product that is looked at. */
const IN_PROD = { "storefront-eu": "2.15.0", "storefront-us": "2.14.0", "storefront-ap": "2.14.0" };
const NEXT = "2.15.0";
const BEFORE = "2.14.0";
/** It was built two hours ago, and is to soak for six. */
const YOUNG = "2.16.0";
const HERE = "storefront-us";

let browser: Browser;
const server = new DemoServer();
const isPossible = hasBrowser();

const holds = (page: Page, stage: string, version: string) => cell(page, stage).getByText(version, { exact: true }).waitFor();

async function readsProd(page: Page): Promise<void> {
  for (const [stage, version] of Object.entries(IN_PROD)) await holds(page, stage, version);
}

/** What the panel says: a gate is shut, and when it could be there. */
async function readsWhy(page: Page): Promise<void> {
  await page.locator("[data-why=summary]").getByText("One gate is shut").waitFor();
  await page.locator("[data-gate=verified][data-open=false]").getByText("storefront-soak").first().waitFor();
  await expect.poll(() => page.locator("[data-why=soonest]").innerText()).toMatch(/could be there at (\w{3} )?\d\d:\d\d \S+ at the earliest/);
}

describe.runIf(isPossible)("a stranger, from what make run starts", () => {
  beforeAll(async () => {
    browser = await launch();
    await server.start();
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("says what is in prod, promotes the next, tells why another waits and until when, and puts the previous one back", async () => {
    const { page, context, complaints } = await open(browser, { hasMotion: true });
    await page.goto(server.url);
    await enter(page, server.token);
    await page.locator("td[data-env=prod]").getByText(BEFORE, { exact: true }).waitFor();
    await page.getByRole("link", { name: PROJECT, exact: true }).click();
    await readsProd(page);
    await cell(page, HERE).hover();
    await page.getByRole("button", { name: `Promote to ${HERE}` }).click();
    await ready(page, `Promote to ${HERE}`);
    await page.getByRole("dialog").getByText(NEXT).first().waitFor();
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    await holds(page, HERE, NEXT);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).first().click();
    await page.locator("[data-freight]").filter({ hasText: YOUNG }).click();
    await expect.poll(() => cell(page, HERE).innerText()).toMatch(/waits\s+not verified upstream/);
    await cell(page, HERE).click();
    await readsWhy(page);
    await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Back to what is there" }).click();
    await cell(page, HERE).hover();
    await page.getByRole("button", { name: `Roll back ${HERE}` }).click();
    await ready(page, `Roll back ${HERE}`);
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    await holds(page, HERE, BEFORE);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("does all of it by keys alone, from signing in", async () => {
    const { page, context, complaints } = await open(browser);
    await page.goto(server.url);
    await page.getByLabel("Token", { exact: true }).waitFor();
    const token = await page.getByLabel("Token", { exact: true }).getAttribute("id");
    await pressUntil(page, "Tab", ({ id }) => id === token);
    await page.keyboard.type(server.token);
    await page.keyboard.press("Enter");
    await page.locator("[data-liveness=live]").waitFor();
    await page.locator("td[data-env=prod]").getByText(BEFORE, { exact: true }).waitFor();
    await pressUntil(page, "Tab", ({ text, tag }) => tag === "A" && text === PROJECT);
    await page.keyboard.press("Enter");
    await readsProd(page);
    await pressUntil(page, "Tab", ({ place }) => place.startsWith("stage:"));
    const walk = async (stage: string) => {
      for (const key of ["Control+Home", "End"]) await press(page, key);
      if ((await focused(page)).place !== `stage:${stage}`) await pressUntil(page, "ArrowDown", ({ place }) => place === `stage:${stage}`);
    };
    await walk(HERE);
    await press(page, "p");
    await ready(page, `Promote to ${HERE}`);
    await press(page, "Control+Enter");
    await succeeded(page);
    await press(page, "Escape");
    await holds(page, HERE, NEXT);
    // The newest is where the line begins.
    await pressUntil(page, "ArrowLeft", ({ place }) => place === "stage:storefront-test");
    await press(page, "f");
    await page.getByText("Every cell says what").getByText(YOUNG).waitFor();
    await walk(HERE);
    await press(page, "w");
    await readsWhy(page);
    await press(page, "Escape");
    await page.waitForURL((url) => !url.searchParams.has("why"));
    await hasFocus(cell(page, HERE));
    await putCardAway(page);
    await press(page, "Escape");
    await page.waitForURL((url) => !url.searchParams.has("freight"));
    await hasFocus(cell(page, HERE));
    await press(page, "r");
    await ready(page, `Roll back ${HERE}`);
    await press(page, "Control+Enter");
    await succeeded(page);
    await press(page, "Escape");
    await holds(page, HERE, BEFORE);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
