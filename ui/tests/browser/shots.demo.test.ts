/** Pictures of every screen of the demo, and of the states that it is never in: to be looked at (`make screenshots`). */
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import type { WireBoard } from "../../src/shared/api/documents.ts";
import { PHONE, WIDE, hasBrowser, launch, open, type Theme } from "./browser.ts";
import { DemoServer } from "./demo.ts";
import { empty, shop } from "./shop.ts";
import { Wire } from "./wire.ts";

const FOLDER = process.env.TOWPATH_SHOTS ?? "";
const BOARD = "/p/online-shop";
const LOOKS = (["light", "dark"] as const).flatMap((theme) => [WIDE, PHONE].map((viewport) => ({ theme, viewport, width: viewport.width })));

const isWanted = FOLDER !== "" && hasBrowser();
let browser: Browser;
if (isWanted) {
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    browser = await launch();
  });
  afterAll(async () => await browser.close());
}

async function shoot(page: Page, name: string, theme: Theme, width: number): Promise<void> {
  await page.getByText("Loading ").first().waitFor({ state: "detached" });
  await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${width}.png` });
}

interface Shot {
  readonly name: string;
  readonly path: string;
  /** What is there once the page is. */
  readonly text: string;
  readonly act?: (page: Page) => Promise<unknown>;
}

const press = (keys: string, text: string) => async (page: Page) => {
  await page.keyboard.press(keys);
  await page.getByText(text).first().waitFor();
};

const SHOTS: readonly Shot[] = [
  { name: "demo-overview", path: "/", text: "What is where" },
  { name: "demo-board", path: BOARD, text: "checkout-ap" },
  { name: "demo-lens", path: `${BOARD}?freight=FREIGHT`, text: "Every cell says what" },
  { name: "demo-why", path: `${BOARD}?freight=FREIGHT&why=storefront-us`, text: "shut" },
  { name: "demo-list", path: `${BOARD}?view=list`, text: "checkout-ap" },
  { name: "demo-views", path: BOARD, text: "checkout-ap", act: press("s", "Save what is shown as") },
  { name: "demo-palette", path: BOARD, text: "checkout-ap", act: press("Control+k", "Arrows choose") },
  { name: "demo-help", path: BOARD, text: "checkout-ap", act: press("?", "Board or list") },
  { name: "demo-promote", path: `${BOARD}?move=promote&to=storefront-ap&of=PREVIOUS`, text: "What changes" },
  { name: "demo-rollback", path: `${BOARD}?move=rollback&to=storefront-eu`, text: "Reason" },
  { name: "demo-line", path: `${BOARD}?line=online-shop`, text: "Stop the line" },
  { name: "demo-stage", path: `${BOARD}/stage/storefront-eu`, text: "History" },
  { name: "demo-stage-failed", path: `${BOARD}/stage/checkout-ap`, text: "1.4.0" },
  { name: "demo-stage-held", path: `${BOARD}/stage/checkout-test`, text: "History" },
  { name: "demo-freight", path: `${BOARD}/freight/FREIGHT`, text: "Journey" },
  { name: "demo-warehouse", path: `${BOARD}/warehouse/storefront`, text: "Why" },
  { name: "demo-promotion", path: `${BOARD}/promotion/LAST`, text: "Steps" },
  { name: "demo-promotion-failed", path: `${BOARD}/promotion/FAILED`, text: "Steps" },
  { name: "demo-history", path: "/history?project=online-shop", text: "the newest first" },
  { name: "demo-compare", path: `${BOARD}/compare?a=stage/storefront-us&b=stage/storefront-eu`, text: "Copy as Markdown" },
  { name: "demo-inbox", path: "/inbox", text: "Inbox" },
  { name: "demo-health", path: "/health", text: "Work and clocks" },
  { name: "demo-settings", path: `${BOARD}/settings`, text: "Description" },
  { name: "demo-settings-promotion", path: `${BOARD}/settings/promotion`, text: "Add a policy" },
  { name: "demo-settings-objects", path: `${BOARD}/settings/objects`, text: "storefront" },
  { name: "demo-settings-webhooks", path: `${BOARD}/settings/webhooks`, text: "receiver" },
];

describe.runIf(isWanted)("the demo", () => {
  const server = new DemoServer();
  const names = new Map<string, string>();
  beforeAll(async () => {
    await server.start();
    const board = await server.get<WireBoard>("/towpath/v1/projects/online-shop/board");
    const storefront = (board.freight ?? []).filter((each) => each.warehouse === "storefront");
    names.set("FREIGHT", storefront[0]?.alias ?? "").set("PREVIOUS", storefront[1]?.alias ?? "");
    const past = await server.get<{ items: { name?: string; stage: string; result?: string }[] }>("/towpath/v1/history?project=online-shop");
    names.set("LAST", past.items.find((each) => each.stage === "storefront-eu" && each.result === "Succeeded")?.name ?? "");
    names.set("FAILED", past.items.find((each) => each.result === "Failed" || each.result === "Errored")?.name ?? "");
  }, 300_000);
  afterAll(async () => await server.close());

  const looks = SHOTS.flatMap((shot) => LOOKS.map((look) => ({ ...shot, ...look })));
  it.each(looks)("$name, $theme, $width", async ({ name, path, text, act, theme, viewport, width }) => {
    const address = [...names].reduce((whole, [key, value]) => whole.replace(key, value), path);
    const { page, context } = await server.visit(browser, address, { theme, viewport });
    await page.getByText(text).first().waitFor();
    await act?.(page);
    await shoot(page, name, theme, width);
    await context.close();
  });
});

const STATES: readonly (readonly [name: string, change: (wire: Wire) => void, path: string, text: string])[] = [
  ["state-empty", (wire) => (wire.answering.documents = empty()), "/", "no project yet"],
  ["state-empty-board", (wire) => (wire.answering.documents = empty()), "/p/shop", "has no Stage"],
  ["state-error", (wire) => (wire.answering.documents["/towpath/v1/overview"] = 503), "/", "could not be loaded"],
  ["state-no-right", (wire) => (wire.answering.documents["/towpath/v1/projects/shop/board"] = 403), "/p/shop", "not for you to see"],
  ["state-signed-out", (wire) => (wire.answering.isSignedIn = false), "/", "Sign in to Towpath"],
  ["state-no-such-page", () => undefined, "/nowhere", "no such page"],
  ["state-stale", (wire) => (wire.answering.hasStream = false), "/p/shop", "No answer from the server"],
];

describe.runIf(isWanted)("states", () => {
  it.each(STATES.flatMap(([name, change, path, text]) => LOOKS.map((look) => ({ name, change, path, text, ...look }))))("$name, $theme, $width", async ({ name, change, path, text, theme, viewport, width }) => {
    const wire = await Wire.start();
    wire.answering.documents = shop();
    change(wire);
    const { page, context } = await open(browser, { theme, viewport });
    await page.clock.install();
    await page.goto(wire.url + path);
    await page.clock.runFor(100);
    if (name === "state-stale") await page.clock.runFor(40_000);
    await page.getByText(text).first().waitFor();
    await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${width}.png` });
    await context.close();
    await wire.close();
  });
});
