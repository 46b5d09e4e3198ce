/** Saved views, in a browser: found, opened, saved, put back and deleted, by keys, with axe; and on a real server after a reload. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { PHONE, WIDE, fits, hasBrowser, launch, open, passesAxe } from "./browser.ts";
import { enter } from "./opening.ts";
import { RealServer } from "./real.ts";
import { shop } from "./shop.ts";
import { Wire } from "./wire.ts";

const PATH = "/towpath/v1/me/views";
let browser: Browser;
const isPossible = hasBrowser();

if (isPossible) {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => await browser.close());
}

const live = (page: Page) => page.locator("[data-liveness=live]").waitFor();
const panel = (page: Page) => page.getByRole("dialog", { name: /Saved views/ });

describe.runIf(isPossible)("saved views", () => {
  let wire: Wire;
  beforeEach(async () => {
    wire = await Wire.start();
    wire.answering.documents = shop();
    return async () => await wire.close();
  });

  it("lead by keys to the list as it was, and letters act on nothing below", async () => {
    const { page, context, complaints } = await open(browser);
    await page.goto(`${wire.url}/`);
    await live(page);
    await page.getByText("What is where").waitFor();
    await page.keyboard.press("s");
    await panel(page).getByRole("button", { name: /^Prod, longest first/ }).focus();
    await page.keyboard.press("p");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/p\/shop\?.*sort=-since/);
    await page.getByRole("columnheader", { name: "Since" }).and(page.locator("[aria-sort=descending]")).waitFor();
    await expect.poll(() => page.getByLabel("Stage, version or state").inputValue()).toBe("prod");
    await page.keyboard.press("s");
    await panel(page).locator("[aria-current=true]").getByText("Prod, longest first").waitFor();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "hidden" });
    await expect.poll(() => page.url()).toMatch(/q=prod/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("open from the palette", async () => {
    const { page, context } = await open(browser);
    wire.answering.documents["/towpath/v1/search"] = { rev: 1, at: new Date().toISOString(), hits: [] };
    await page.goto(`${wire.url}/p/shop`);
    await live(page);
    await page.keyboard.press("Control+k");
    await page.getByLabel("Version, commit").fill("what fail");
    await page.getByRole("option", { name: /What failed/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/\?state=fail$/);
    await context.close();
  });

  it.each([
    ["light", WIDE],
    ["dark", PHONE],
  ] as const)("axe finds nothing serious, %s", async (theme, viewport) => {
    const { page, context } = await open(browser, { theme, viewport });
    await page.goto(`${wire.url}/p/shop`);
    await live(page);
    await page.getByRole("button", { name: "Saved views" }).click();
    await panel(page).getByRole("button", { name: /^What failed/ }).waitFor();
    await passesAxe(page);
    await fits(page);
    await context.close();
  });

  it("say what the server refuses, and what was typed stays", async () => {
    const { page, context } = await open(browser);
    await page.goto(`${wire.url}/`);
    await live(page);
    await page.keyboard.press("s");
    const name = panel(page).getByLabel("Save what is shown as");
    await name.fill("one too many");
    wire.answering.documents[`${PATH}/one too many`] = 403;
    await page.keyboard.press("Enter");
    await panel(page).getByRole("alert").waitFor();
    await expect.poll(() => name.inputValue()).toBe("one too many");
    await context.close();
  });
});

describe.runIf(isPossible)("on a real server", () => {
  const server = new RealServer();
  beforeAll(async () => await server.start());
  afterAll(async () => await server.close());

  it("a view is saved, there after a reload, deleted and put back", async () => {
    const { page, context, complaints } = await open(browser);
    await page.goto(`${server.url}/history?kind=approval`);
    await enter(page, server.token);
    await page.getByRole("button", { name: "Saved views" }).click();
    await panel(page).getByText("You have saved no view yet").waitFor();
    await panel(page).getByLabel("Save what is shown as").fill("Ja & Amen 100%");
    await page.keyboard.press("Enter");
    await panel(page).locator("[aria-current=true]").getByText("Ja & Amen 100%").waitFor();
    await page.goto(`${server.url}/`);
    await enter(page, server.token);
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: /Ja & Amen 100%/ }).click();
    await page.waitForURL(/\/history\?kind=approval$/);
    await page.keyboard.press("s");
    await panel(page).getByRole("button", { name: "Delete the view Ja & Amen 100%" }).click();
    await panel(page).getByText("You have saved no view yet").waitFor();
    await panel(page).getByRole("button", { name: "Put it back" }).click();
    await panel(page).locator("[aria-current=true]").waitFor();
    const { items } = await server.ask<{ items: { name: string }[] }>("GET", PATH);
    expect(items.map((each) => each.name)).toEqual(["Ja & Amen 100%"]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
