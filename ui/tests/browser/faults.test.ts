/** What goes wrong around a page: slow networks, sessions that end, clocks that are off, streams that are cut, objects that nobody expected. */
import { describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { hasBrowser, open, ranNothing } from "./browser.ts";
import { cell } from "./acting.ts";
import { wired } from "./opening.ts";

const BOARD = "/towpath/v1/projects/shop/board";
const MOVES = "/towpath/v1/projects/shop/moves";
const HOUR = 3_600_000;

const isPossible = hasBrowser();

const live = (page: Page) => page.locator("[data-liveness=live]").waitFor();

describe.runIf(isPossible)("a page around which things go wrong", () => {
  const here = wired();

  it("shows its frame and what it waits for while the network is slow, and what comes when it comes", async () => {
    const { page, context, complaints } = await open(here.browser);
    here.wire.answering.held.add(BOARD);
    await page.goto(`${here.wire.url}/p/shop`, { waitUntil: "commit" });
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await page.getByText("Loading the Stages of shop").waitFor();
    here.wire.answering.held.delete(BOARD);
    const cdp = await context.newCDPSession(page);
    await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 250_000, uploadThroughput: 50_000 });
    await page.reload({ waitUntil: "commit" });
    await cell(page, "web-uat").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  }, 120_000);

  it("keeps what was typed when the session ends in the middle of it, and goes on after signing in", async () => {
    const { page, context } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop?move=hold&to=web-test`);
    await live(page);
    const sheet = page.locator("[data-move=hold]");
    await sheet.getByRole("textbox").fill("incident 4711");
    here.wire.answering.documents[MOVES] = 401;
    here.wire.answering.isSignedIn = false;
    await sheet.locator("[data-confirm]").click();
    await page.getByLabel("Token").waitFor();
    await expect.poll(() => sheet.getByRole("textbox").inputValue()).toBe("incident 4711");
    here.wire.answering.isSignedIn = true;
    here.wire.answering.documents[MOVES] = { rev: 101, kind: "hold", refused: 0, targets: [{ stage: "web-test", result: "held" }] };
    await page.getByLabel("Token").fill("another");
    await page.getByRole("button", { name: "Sign in with the token" }).click();
    await page.getByLabel("Token").waitFor({ state: "detached" });
    await live(page);
    await expect.poll(() => sheet.getByRole("textbox").inputValue()).toBe("incident 4711");
    await sheet.locator("[data-confirm]:enabled").click();
    await sheet.locator("[data-result=held]").waitFor();
    await context.close();
  });

  it.each([-5 * HOUR, 5 * HOUR])("tells ages by the server's time on a computer whose clock is off by %i ms, and says so", async (off) => {
    const { page, context } = await open(here.browser);
    await page.addInitScript((by) => {
      const Right = Date;
      const Wrong = class extends Right {
        constructor(...given: [] | [string | number]) {
          if (given.length === 0) super(Right.now() + by);
          else super(...given);
        }
        static override now(): number {
          return Right.now() + by;
        }
      };
      window.Date = Wrong as DateConstructor;
    }, off);
    await page.goto(`${here.wire.url}/p/shop`);
    await live(page);
    await page.getByText(`Your clock is 5 h ${off > 0 ? "ahead" : "behind"}`).waitFor();
    await expect.poll(() => cell(page, "web-uat").innerText()).toMatch(/\b4 h\b/);
    await context.close();
  });

  it("has nothing that moves anything to press once the stream has been cut for half a minute", async () => {
    const { page, context } = await open(here.browser);
    await page.clock.install();
    await page.goto(`${here.wire.url}/p/shop?move=hold&to=web-test`);
    await live(page);
    await cell(page, "web-uat").focus();
    await page.keyboard.press("x");
    await page.getByRole("group", { name: "Selected Stages" }).waitFor();
    await expect.poll(() => page.locator("[data-confirm]").isEnabled()).toBe(true);
    here.wire.answering.hasStream = false;
    here.wire.cutStreams();
    await page.locator("[data-liveness=reconnecting]").waitFor();
    await page.clock.fastForward(31_000);
    await page.locator("[data-liveness=stale]").waitFor();
    const names = /^(Promote|Roll back|Hold|Approve|Verify|Resume|Quarantine)/;
    const there = await page.getByRole("button", { name: names }).all();
    expect(there.length).toBeGreaterThan(3);
    for (const each of there) await expect.poll(() => each.isDisabled(), { message: (await each.textContent()) ?? "" }).toBe(true);
    await page.getByRole("button", { name: "Refresh now" }).waitFor();
    await context.close();
  });

  it("shows five hundred objects with hostile contents, those that can be read among them, and runs nothing of theirs", async () => {
    const script = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>`;
    const texts = [script, "x".repeat(10_000), "\u202Eevil\u202C", "__proto__", "constructor", "💥".repeat(300), "", "javascript:window.hit=1", "%00%0a", "a\u0000b\n\r\tc", "${1+1}{{7*7}}"];
    const odd: unknown[] = [null, 7, "text", [], {}, { a: 1 }, true, -1, 1e308, [[[]]], [null, null]];
    const pick = <Of>(from: readonly Of[], place: number): Of => from[place % from.length]!;
    const fields = ["up", "from", "freight", "phase", "role", "health", "since", "behind", "next", "blocker", "queued", "hold", "step", "msg", "may", "actor", "failed", "drift"];
    const board = here.wire.answering.documents[BOARD] as { stages: unknown[]; freight: unknown[] };
    const hostile = Array.from({ length: 500 }, (_, place) => ({
      name: `${pick(texts, place).slice(0, 9_000)}-${place}`,
      row: 1 + (place % 40),
      col: place % 4,
      ord: place,
      msg: pick(texts, place + 3),
      [pick(fields, place)]: pick(odd, place + Math.floor(place / fields.length)),
      [pick(fields, place * 7 + 1)]: pick(texts, place + 5),
    }));
    here.wire.answering.documents[BOARD] = { ...board, stages: [...board.stages, ...hostile] };
    const { page, context, complaints } = await open(here.browser);
    await page.goto(`${here.wire.url}/p/shop`);
    await cell(page, "web-test").waitFor();
    await page.locator("[data-scrolls]").evaluate((box) => (box.scrollTop = box.scrollHeight / 2));
    await page.getByRole("button", { name: "List" }).click();
    await page.getByRole("button", { name: "web-test" }).waitFor();
    await page.getByLabel("Stage, version or state").fill("web-uat");
    await page.getByRole("button", { name: "web-uat" }).waitFor();
    await ranNothing(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
