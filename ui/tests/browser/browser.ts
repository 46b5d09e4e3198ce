/** Chromium, for tests: found on this machine, told to reach nothing but the test's own servers. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const PLACES = [process.env.TOWPATH_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const CHROMIUM = PLACES.find((each) => each !== undefined && existsSync(each));
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Whether tests in a browser can be run. In CI one that is missing is a failure, elsewhere a reason to pass them over. */
export function hasBrowser(): boolean {
  if (CHROMIUM !== undefined) return true;
  const said = "there is no Chromium here (on Debian: apt install chromium, or name one in TOWPATH_TEST_CHROMIUM)";
  if (process.env.CI !== undefined) throw new Error(said);
  console.warn(`tests in a browser are passed over: ${said}`);
  return false;
}

export async function launch(): Promise<Browser> {
  return await chromium.launch({ ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }), args: QUIET });
}

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
export type Theme = "light" | "dark";

export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the console said that nobody should read, and what the policy of the page forbade. */
  readonly complaints: string[];
}

export interface OpenOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: Theme;
  /** Whether dialogs fade and panels slide, as for most people. Without it the page is asked for less motion, and is at once what it will be. */
  readonly hasMotion?: boolean;
}

export async function open(browser: Browser, options: OpenOptions = {}): Promise<Opened> {
  const context = await browser.newContext({
    viewport: options.viewport ?? WIDE,
    colorScheme: options.theme ?? "light",
    reducedMotion: options.hasMotion === true ? "no-preference" : "reduce",
  });
  // What is waited for comes; how soon, on a computer that does much else, is no matter of these tests.
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A refused request is the browser's own line, and the page's business to show.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  return { context, page, complaints };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly targets: readonly string[];
}

/** What axe finds that is serious or critical, by all of WCAG 2.2 AA. */
export async function violations(page: Page): Promise<Violation[]> {
  // The page's policy lets no script in: it is evaluated by the browser's own door.
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: unknown) => Promise<{ violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[] }> } };
    const found = await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return found.violations
      .filter((each) => each.impact === "serious" || each.impact === "critical")
      .map((each) => ({ id: each.id, impact: each.impact, targets: each.nodes.slice(0, 4).map((node) => `${node.target.join(" ")}: ${node.failureSummary.split("\n")[1] ?? ""}`) }));
  });
}

/** Wait until axe finds nothing serious: what is being drawn may be without its name, or half there, for a moment. */
export async function passesAxe(page: Page): Promise<void> {
  await expect.poll(() => violations(page), { interval: 250, message: "what axe finds" }).toEqual([]);
}

/** Wait until nothing of the page is wider than the screen. */
export async function fits(page: Page): Promise<void> {
  const wide = () => page.locator("html, main").evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.tagName));
  await expect.poll(wide, { message: "what is wider than the screen" }).toEqual([]);
}

/** No script of an object has run: those of HOSTILE set `hit`. */
export async function ranNothing(page: Page): Promise<void> {
  const hit = await page.evaluate(() => (window as unknown as { hit?: number }).hit);
  expect(hit).toBeUndefined();
}

/** No character of an object turns round what stands beside it: those of HOSTILE are marked. What is typed into fields is not looked at. */
export async function turnsNothing(page: Page): Promise<void> {
  const found = () => page.evaluate(() => document.body.innerText.split("\n").filter((each) => /[\u202A-\u202E\u2066-\u2069]/.test(each)));
  await expect.poll(found, { message: "lines with characters that turn text round" }).toEqual([]);
}

/** All that scripts of others could read: the page, and what it keeps in the browser. */
export const readable = (page: Page): Promise<string> => page.evaluate(() => document.documentElement.outerHTML + JSON.stringify(localStorage) + JSON.stringify(sessionStorage));
