/** The pages about one thing, and the palette: how they look to axe, what one step does, and what hostile objects cannot do. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { PHONE, WIDE, hasBrowser, launch, open, passesAxe, fits, ranNothing, turnsNothing, type Opened } from "./browser.ts";
import { FREIGHT, HOSTILE, pages } from "./pages.ts";
import { Wire } from "./wire.ts";

let browser: Browser;
let wire: Wire;

const isPossible = hasBrowser();
if (isPossible) {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => await browser.close());
  beforeEach(async () => {
    wire = await Wire.start();
    wire.answering.documents = pages();
    return async () => await wire.close();
  });
}

const live = (page: Page) => page.locator("[data-liveness=live]").waitFor();

async function at(path: string, options: Parameters<typeof open>[1] = {}): Promise<Opened> {
  const opened = await open(browser, options);
  await opened.page.goto(wire.url + path);
  return opened;
}

const SCREENS = [
  ["inbox", "/inbox", "Needs approval"],
  ["freight", `/p/shop/freight/${FREIGHT}`, "SHOP-17"],
  ["stage", "/p/shop/stage/web-uat", "5 of 5 tries"],
  ["warehouse", "/p/shop/warehouse/web", "1 of 2 sources answered"],
  ["history", "/history?project=shop", "Sublimated"],
  ["compare", "/p/shop/compare?a=freight/b&b=freight/calm-otter", "SHOP-17 a button"],
  ["health", "/health", "Alive"],
] as const;

describe.runIf(isPossible)("pages about one thing", () => {
  const looks = SCREENS.flatMap(([name, path, text]) => [{ name, path, text, theme: "light" as const, viewport: WIDE, width: 1440 }, { name, path, text, theme: "dark" as const, viewport: PHONE, width: 390 }]);
  it.each(looks)("$name, $theme, $width: axe finds nothing serious, nothing hostile is run, the page is as wide as the screen", async ({ path, text, theme, viewport }) => {
    const { page, context, complaints } = await at(path, { theme, viewport });
    await live(page);
    await page.getByText(text).first().waitFor();
    await passesAxe(page);
    await ranNothing(page);
    await turnsNothing(page);
    await expect.poll(() => page.locator("main img, main a[href^='javascript']").count()).toBe(0);
    await fits(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("a link to Kargo's UI leads to the same here", async () => {
    const { page, context } = await at("/project/shop/stage/web-uat");
    await page.getByText("5 of 5 tries").first().waitFor();
    await page.waitForURL((url) => url.pathname === "/p/shop/stage/web-uat");
    await context.close();
  });

  it.each(SCREENS.filter(([name]) => !["compare", "health"].includes(name)))("%s says when there is no right, and that it failed", async (_, path) => {
    for (const [status, said] of [[403, "not for you to see"], [503, "could not be loaded"]] as const) {
      for (const each of Object.keys(wire.answering.documents)) if (!each.endsWith("/overview") && !each.endsWith("/board")) wire.answering.documents[each] = status;
      const { page, context } = await at(path);
      await page.locator("main").getByText(said).first().waitFor();
      await context.close();
    }
  });
});

describe.runIf(isPossible)("the palette", () => {
  it("pasted and entered at once, a version opens as the lens of its board: one step", async () => {
    const { page, context } = await at("/");
    await live(page);
    await page.keyboard.press("Control+k");
    await page.getByLabel("Version, commit").fill("1.9.0");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/p\/shop\?freight=calm-otter/);
    expect(wire.asked.filter((each) => each.includes("/search?q=1.9.0"))).not.toEqual([]);
    await page.keyboard.press("Control+k");
    await page.getByText("Freight · recent").waitFor();
    await passesAxe(page);
    await context.close();
  });

  it("does what the screen in front can do, by arrows alone, and gives focus back", async () => {
    const { page, context } = await at("/");
    await live(page);
    await page.getByRole("link", { name: /^Inbox/ }).focus();
    await page.keyboard.press("Control+k");
    await page.getByLabel("Version, commit").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.getAttribute("href")?.endsWith("/inbox"));
    wire.answering.documents["/towpath/v1/search"] = { rev: 1, at: new Date().toISOString(), hits: [] };
    await page.keyboard.press("Control+k");
    await page.getByLabel("Version, commit").fill("health");
    await page.getByRole("option", { name: /Health of the system/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/health$/);
    await context.close();
  });
});

describe.runIf(isPossible)("what waits for me", () => {
  it("is there on the first screen without a click, counted in the rail, and asked for again when the stream says so", async () => {
    const { page, context } = await at("/");
    await live(page);
    const lines = page.locator("[data-inbox]");
    await lines.first().waitFor();
    await expect.poll(() => lines.evaluateAll((all) => all.map((each) => each.getAttribute("data-inbox")))).toEqual(["failed", "approve"]);
    await page.getByRole("link", { name: /^Inbox\s*2\s*waiting$/ }).waitFor();
    wire.answering.documents["/towpath/v1/me/inbox"] = { rev: 120, at: new Date().toISOString(), items: [], cursor: null };
    wire.say("patch", { t: "inbox", k: "", set: true }, 110);
    await page.getByText("Nothing waits for you").waitFor();
    await context.close();
  });

  it("is approved in the one sheet with the reason that was typed, which stays when it is refused", async () => {
    const { page, context } = await at("/inbox");
    await live(page);
    wire.answering.documents["/towpath/v1/projects/shop/moves"] = { targets: [{ stage: "web-uat", result: "refused", error: `the Stage is held: ${HOSTILE}` }] };
    await page.getByRole("button", { name: "Approve…" }).click();
    const sheet = page.locator("[data-move=approve]");
    await sheet.getByRole("textbox").fill("SHOP-17 is urgent");
    await sheet.getByRole("textbox").press("Control+Enter");
    await sheet.getByText("the Stage is held").waitFor();
    await expect.poll(() => sheet.getByRole("textbox").inputValue()).toBe("SHOP-17 is urgent");
    wire.answering.documents["/towpath/v1/projects/shop/moves"] = { targets: [{ stage: "web-uat", result: "approved" }] };
    await sheet.getByRole("button", { name: "Approve for web-uat" }).click();
    await sheet.locator("[data-result=approved]").waitFor();
    await context.close();
  });
});

it.runIf(isPossible)("what is attached to images is asked for when somebody wants to know, and told as unverified", async () => {
  const { page, context, complaints } = await at(`/p/shop/freight/${FREIGHT}`);
  await live(page);
  const part = page.getByRole("region", { name: "Attached to its images" });
  await part.getByRole("button", { name: "Ask its registry" }).waitFor();
  const asked = () => wire.asked.filter((each) => each.endsWith("/attached")).length;
  expect(asked()).toBe(0);
  await part.getByRole("button", { name: "Ask its registry" }).press("Enter");
  const rows = part.getByRole("table").first().getByRole("row");
  await rows.filter({ hasText: "Signature" }).getByText("cosign").first().waitFor();
  await expect.poll(() => rows.locator("td:first-child").allTextContents()).toEqual(["Signature", "Bill of materials", "Other"]);
  for (const said of ["2.0 KiB", "by a tag of cosign's", "There is more", "It could not be asked about: 401", "and 2 more images", "has not been verified"]) await part.getByText(said).first().waitFor();
  await passesAxe(page);
  await part.getByRole("button", { name: "Ask again" }).press("Enter");
  await expect.poll(asked).toBe(2);
  await page.setViewportSize(PHONE);
  await fits(page);
  await ranNothing(page);
  expect(complaints).toEqual([]);
  await context.close();
});

it.runIf(isPossible)("any two stays of a Stage are compared, and the address says which", async () => {
  const { page, context } = await at("/p/shop/stage/web-uat");
  await live(page);
  const compare = page.getByRole("button", { name: /^Compare/ });
  await expect.poll(() => compare.isDisabled()).toBe(true);
  for (const each of await page.getByRole("checkbox").all()) await each.check();
  await compare.click();
  await page.waitForURL((url) => url.searchParams.get("b") === `freight/${"b".repeat(40)}` && url.searchParams.get("a") === `freight/${FREIGHT}`);
  await page.getByText("2 artifacts differ, 2 commits, 2 authors, 1 ticket.").waitFor();
  await context.close();
});

it.runIf(isPossible)("a Warehouse says how its looks fare, why one candidate won and the others did not, and which webhook wakes it", async () => {
  const { page, context } = await at("/p/shop/warehouse/web");
  await live(page);
  await page.getByText("12 looks, 30 requests, 80 KiB").waitFor();
  await page.getByText("Waits for pushes to end").waitFor();
  await page.locator("[data-outcome=wins]").getByText("1.9.0").waitFor();
  await page.locator("[data-outcome=excluded]").getByText("constraint").waitFor();
  await page.getByText("Kept out, by rule: constraint 40").waitFor();
  await page.locator("[data-wakes=passed]").getByText("passed it over").waitFor();
  await page.getByText("shown to administrators of the system").waitFor();
  await page.getByRole("button", { name: "Look, and say why" }).press("Enter");
  await expect.poll(() => wire.asked).toContain("POST /towpath/v1/projects/shop/warehouses/web/explain");
  wire.answering.documents["/towpath/v1/projects/shop/warehouses/web/explain"] = 503;
  await page.getByRole("button", { name: "Look, and say why" }).click();
  await page.getByText("It could not be looked at: the database is away").waitFor();
  // What was told before stays.
  await expect.poll(() => page.locator("[data-outcome=wins]").count()).toBe(1);
  await passesAxe(page);
  await context.close();
});

it.runIf(isPossible)("what is ill with the server stands first, with what to do; who may not see it is told so", async () => {
  const { page, context } = await at("/health");
  await live(page);
  await page.getByText("2 ill").waitFor();
  await page.locator("[data-is=ill]").getByText("make room").waitFor();
  await page.getByText("1 thing is well").press("Enter");
  await page.getByText("version 0.1.0").waitFor();
  await page.getByRole("link", { name: "warehouse/web of shop" }).click();
  await page.waitForURL(/\/p\/shop\/warehouse\/web$/);
  wire.answering.documents["/towpath/v1/doctor"] = 403;
  await page.goto(`${wire.url}/health`);
  await page.getByText("shown to whoever has the right").waitFor();
  await context.close();
});
