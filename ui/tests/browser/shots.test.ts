import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { PHONE, WIDE, hasBrowser, launch, open, type Theme } from "./browser.ts";
import { shop } from "./shop.ts";
import { Wire } from "./wire.ts";

const FOLDER = process.env.TOWPATH_SHOTS ?? "";
const SCREENS = [
  ["overview", "/"],
  ["board", "/p/shop"],
  ["lens", "/p/shop?freight=calm-otter"],
  ["why", "/p/shop?freight=calm-otter&why=web-uat"],
  ["list", "/p/shop?view=list"],
] as const;

let browser: Browser;
let wire: Wire;

const isWanted = FOLDER !== "" && hasBrowser();
if (isWanted) {
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    browser = await launch();
    wire = await Wire.start();
  });
  afterAll(async () => {
    await browser.close();
    await wire.close();
  });
}

const all = SCREENS.flatMap(([name, path]) => (["light", "dark"] as const).flatMap((theme) => [WIDE, PHONE].map((viewport) => ({ name, path, theme, viewport }))));

it.runIf(isWanted).each(all)("$name, $theme, $viewport.width", async ({ name, path, theme, viewport }: { name: string; path: string; theme: Theme; viewport: { width: number; height: number } }) => {
  wire.answering.documents = shop();
  const { page, context, complaints } = await open(browser, { theme, viewport });
  await page.goto(`${wire.url}${path}`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByText("1.9.0").first().waitFor();
  await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${viewport.width}.png` });
  await context.close();
  expect(complaints).toEqual([]);
});
