/** What screens do, in a browser, against documents that the test has: states, keys, and who cannot see or use a mouse. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { obscured } from "./acting.ts";
import { PHONE, WIDE, hasBrowser, launch, open, passesAxe, fits, ranNothing, readable, type Opened } from "./browser.ts";
import { empty, shop } from "./shop.ts";
import { CSRF, Wire } from "./wire.ts";

const BOARD = "/towpath/v1/projects/shop/board";
const OVERVIEW = "/towpath/v1/overview";

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
    wire.answering.documents = shop();
    return async () => await wire.close();
  });
}

const live = (page: Page) => page.locator("[data-liveness=live]").waitFor();
const cell = (page: Page, stage: string) => page.locator(`[data-place="stage:${stage}"]`);

async function at(path: string, options: Parameters<typeof open>[1] = {}): Promise<Opened> {
  const opened = await open(browser, options);
  await opened.page.goto(wire.url + path);
  return opened;
}

describe.runIf(isPossible)("axe finds nothing serious", () => {
  const screens: readonly (readonly [string, string, (page: Page) => Promise<unknown>])[] = [
    ["overview", "/", (page) => page.getByText("What is where").waitFor()],
    ["board", "/p/shop", (page) => page.getByText("calm-otter").waitFor()],
    ["lens and why", "/p/shop?freight=calm-otter&why=web-uat", (page) => page.getByText("One gate is shut").waitFor()],
    ["list", "/p/shop?view=list", (page) => page.getByText("calm-otter").waitFor()],
    ["no such project", "/p/nowhere", (page) => page.getByText("not for you to see").waitFor()],
  ];
  const all = screens.flatMap(([name, path, isThere]) => (["light", "dark"] as const).flatMap((theme) => [WIDE, PHONE].map((viewport) => ({ name, path, isThere, theme, viewport, width: viewport.width }))));
  it.each(all)("$name, $theme, $width", async ({ path, isThere, theme, viewport }) => {
    const { page, context, complaints } = await at(path, { theme, viewport });
    await live(page);
    await isThere(page);
    await passesAxe(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([
    ["an error", () => (wire.answering.documents[OVERVIEW] = 503), "could not be loaded"],
    ["nothing there", () => (wire.answering.documents = empty()), "no project yet"],
    ["signed out", () => (wire.answering.isSignedIn = false), "Sign in to Towpath"],
    ["stale", () => (wire.answering.hasStream = false), "No answer from the server"],
  ])("%s", async (_, change, text) => {
    change();
    const { page, context } = await open(browser);
    await page.clock.install();
    await page.goto(wire.url);
    await page.clock.runFor(100);
    if (text.startsWith("No answer")) await page.clock.runFor(40_000);
    await page.getByText(text).first().waitFor();
    await passesAxe(page);
    await context.close();
  });
});

describe.runIf(isPossible)("the board", () => {
  it("is one tab stop, walked with arrows, and says in words what is seen", async () => {
    const { page, context } = await at("/p/shop");
    await cell(page, "web-test").focus();
    await expect.poll(() => page.locator("[role=gridcell][tabindex='0']").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.evaluate(() => document.activeElement?.querySelector(".hidden")?.textContent)).toMatch(/^web-uat, 1\.8\.2 and 5d0f1aa, steady, since .*, next: soaks upstream until .* left/);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-place"))).toBe("stage:web-prod-us");
    await page.keyboard.press("Control+End");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-expanded"))).toBe("false");
    await page.keyboard.press("Enter");
    await cell(page, "billing-prod-de").waitFor();
    await context.close();
  });

  it("opens why with a key, and gives focus back", async () => {
    const { page, context } = await at("/p/shop?freight=calm-otter");
    await cell(page, "web-uat").focus();
    await page.keyboard.press("w");
    await page.getByText("it has been in web-test for 20 min").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-place") === "stage:web-uat");
    await expect.poll(() => page.url()).toContain("freight=calm-otter");
    await context.close();
  });

  it("shows what a Freight means everywhere with one click, and the address says which", async () => {
    const { page, context } = await at("/p/shop");
    await page.getByRole("button", { name: /calm-otter/ }).click();
    await expect.poll(() => cell(page, "web-uat").textContent()).toMatch(/waits\s*soaks upstream until/);
    await expect.poll(() => page.url()).toContain("freight=calm-otter");
    await context.close();
  });

  it("changes when the stream says so, without asking again", async () => {
    const { page, context } = await at("/p/shop");
    await live(page);
    await expect.poll(() => wire.asked.some((each) => each.includes("board%3Ashop"))).toBe(true);
    await expect.poll(() => wire.openStreams).toBe(1);
    const asked = wire.asked.filter((each) => each.endsWith(BOARD)).length;
    wire.say("patch", { t: "board:shop", k: "stages/web-uat", set: { phase: "Failed", role: "fail", msg: "git-push: refused", blocker: null } }, 95);
    await expect.poll(() => cell(page, "web-uat").textContent()).toContain("git-push: refused");
    expect(wire.asked.filter((each) => each.endsWith(BOARD)).length).toBe(asked);
    await context.close();
  });

  it("asks for what it is drawn from while its scripts still come, and only once", async () => {
    const { page, context } = await open(browser);
    const asked = (path: string) => wire.asked.filter((each) => each === `GET ${path}`).length;
    let come: () => void = () => undefined;
    const scriptsCome = new Promise<void>((done) => {
      come = done;
    });
    await page.route("**/assets/**", async (route) => {
      await scriptsCome;
      await route.continue();
    });
    await page.goto(`${wire.url}/p/shop`, { waitUntil: "commit" });
    for (const path of [BOARD, "/towpath/v1/session", "/towpath/v1/me/inbox"]) await expect.poll(() => asked(path)).toBe(1);
    come();
    await cell(page, "web-test").waitFor();
    await live(page);
    expect([BOARD, "/towpath/v1/session", "/towpath/v1/me/inbox"].map(asked)).toEqual([1, 1, 1]);
    await context.close();
  });

  it("keeps page, selection and Freight while the server is away, and says so", async () => {
    const { page, context } = await at("/p/shop?freight=calm-otter");
    await live(page);
    await cell(page, "web-uat").focus();
    await page.keyboard.press("x");
    wire.answering.hasStream = false;
    wire.cutStreams();
    await page.locator("[data-liveness=reconnecting]").waitFor();
    await expect.poll(() => cell(page, "web-uat").getAttribute("aria-selected")).toBe("true");
    wire.answering.hasStream = true;
    await live(page);
    await expect.poll(() => cell(page, "web-uat").getAttribute("aria-selected")).toBe("true");
    await context.close();
  });

  it("shows objects that nobody expected as they are, runs nothing of theirs, and the others stay", async () => {
    const script = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
    const odd = [script, "x".repeat(10_000), "\u202Eevil\u202C", "__proto__", "constructor", "💥".repeat(500)];
    const board = wire.answering.documents[BOARD] as { stages: unknown[]; freight: unknown[] };
    wire.answering.documents[BOARD] = {
      ...board,
      stages: [...board.stages, ...odd.map((name, ord) => ({ name, row: 1, col: 1, ord: ord + 1, msg: script, phase: name, hold: [script] })), ...[{ name: "bad-up", up: 7 }, { name: "bad-freight", freight: { a: 1 } }, { name: "bad-step", step: 3 }].map((each, ord) => ({ ...each, row: 1, col: 2, ord }))],
    };
    const { page, context, complaints } = await at("/p/shop");
    await cell(page, "web-test").waitFor();
    await expect.poll(() => page.getByText(/cannot be read/i).count()).toBeGreaterThanOrEqual(2);
    await page.getByRole("button", { name: "List" }).click();
    await page.getByRole("button", { name: "web-test" }).waitFor();
    await ranNothing(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.runIf(isPossible)("what has the focus", () => {
  it.each([
    ["/", WIDE],
    ["/", PHONE],
    ["/p/shop?freight=calm-otter&why=web-uat", WIDE],
    ["/p/shop?freight=calm-otter", PHONE],
    ["/p/shop?view=list", WIDE],
  ] as const)("is never hidden by what sticks or lies above: %s, %o", async (path, viewport) => {
    const { page, context } = await at(path, { viewport });
    await live(page);
    await page.getByText("1.9.0").first().waitFor();
    const seen = new Set<string>();
    for (let times = 0; times < 60; times += 1) {
      await page.keyboard.press("Tab");
      seen.add(await page.evaluate(() => document.activeElement?.outerHTML ?? ""));
      await expect.poll(() => obscured(page), { message: "what has the focus and is not to be seen" }).toBe("");
    }
    expect(seen.size).toBeGreaterThan(10);
    await context.close();
  });
});

describe.runIf(isPossible)("what is in trouble", () => {
  it("leads to the log of the Promotion that failed, to the Stage where something else is wrong, and to the Warehouse that cannot look", async () => {
    const { page, context } = await at("/");
    const trouble = page.getByRole("region", { name: "Trouble" });
    const line = (text: string) => trouble.getByRole("listitem").filter({ hasText: text });
    await line("web-prod-us").getByRole("link", { name: "Log of web-prod-us" }).waitFor();
    await expect.poll(() => line("web-prod-us").getByRole("link", { name: "Log of web-prod-us" }).getAttribute("href")).toMatch(/\/p\/shop\/promotion\/web-prod-us\.01$/);
    await expect.poll(() => line("billing-prod-de").getByRole("link", { name: "Details of billing-prod-de" }).getAttribute("href")).toMatch(/\/p\/shop\/stage\/billing-prod-de$/);
    const warehouse = line("Warehouse billing");
    for (const said of ["Cannot look", "401 Unauthorized"]) await warehouse.getByText(said).waitFor();
    await expect.poll(() => warehouse.getByRole("link").count()).toBe(1);
    await warehouse.getByRole("link", { name: "shop / Warehouse billing" }).click();
    await page.waitForURL(/\/p\/shop\/warehouse\/billing$/);
    await context.close();
  });
});

describe.runIf(isPossible)("narrow screens and secrets", () => {
  it("does not scroll sideways at 320 px", async () => {
    for (const path of ["/", "/p/shop", "/p/shop?freight=calm-otter"]) {
      const { page, context } = await at(path, { viewport: { width: 320, height: 700 } });
      await live(page);
      await fits(page);
      await context.close();
    }
  });

  it("keeps no credential where scripts of others could read it", async () => {
    const { page, context } = await at("/");
    await live(page);
    const found = await readable(page);
    expect(found).not.toContain(CSRF);
    await context.close();
  });

  it("has one stream for several tabs", async () => {
    const { page, context } = await at("/p/shop");
    await live(page);
    for (const path of ["/", "/p/shop", "/"]) {
      const other = await context.newPage();
      await other.goto(wire.url + path);
      wire.beat();
      await live(other);
    }
    await expect.poll(() => wire.openStreams).toBe(1);
    await context.close();
  });
});
