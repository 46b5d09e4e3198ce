/**
 * The twelve questions of who looks, and how many presses each answer may take: in what `make run` starts. What counts as a press is said
 * in acting.ts. Each test begins on the screen where the question comes up, and fails where the answer takes one press more.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import type { WireBoard, WireExplain, WireLens, WireOverview } from "../../src/shared/api/documents.ts";
import { moment } from "../../src/shared/time/words.ts";
import { cell, focused, presses, press, pressUntil, ready, succeeded } from "./acting.ts";
import { WIDE, hasBrowser, launch, passesAxe } from "./browser.ts";
import { DemoServer } from "./demo.ts";
import { signedIn } from "./opening.ts";

const PROJECT = "online-shop";
const BOARD = `/p/${PROJECT}`;
const OURS = `/towpath/v1/projects/${PROJECT}`;
const REGIONS = ["storefront-eu", "storefront-us", "storefront-ap"];

let browser: Browser;
const server = new DemoServer();
const isPossible = hasBrowser();

const board = () => server.get<WireBoard>(`${OURS}/board`);
const overview = () => server.get<WireOverview>("/towpath/v1/overview");
const now = () => Date.now() / 1000;

async function freightOf(version: string): Promise<string> {
  const { freight = [] } = await board();
  return freight.find((each) => each.warehouse === "storefront" && each.artifacts?.[0]?.[2] === version)?.name ?? "";
}

async function at(path: string) {
  const opened = await signedIn(browser, server, path);
  return { ...opened, pressed: await presses(opened.page) };
}

/** What is in prod of the Project, as the overview has it. */
const prod = (page: Page) => page.getByRole("row").filter({ has: page.getByRole("link", { name: PROJECT, exact: true }) }).locator("td[data-env=prod]");
const chip = (page: Page, version: string) => page.locator("[data-freight]").filter({ hasText: version });

describe.runIf(isPossible)("the twelve questions", () => {
  beforeAll(async () => {
    browser = await launch();
    await server.start();
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("1: what is in prod? 0", async () => {
    const { page, context, pressed } = await at("/");
    const { projects = [] } = await overview();
    const there = projects.find((each) => each.name === PROJECT)?.cells?.prod?.ver ?? [];
    expect(there.length).toBeGreaterThan(1);
    await prod(page).waitFor();
    for (const version of there) {
      const box = await prod(page).getByText(version, { exact: true }).boundingBox();
      expect([version, box !== null && box.y + box.height <= WIDE.height && box.x + box.width <= WIDE.width]).toEqual([version, true]);
    }
    await expect.poll(pressed.count).toBe(0);
    await context.close();
    const on = await at(BOARD);
    const { stages = [], freight = [] } = await board();
    for (const stage of stages.filter((each) => REGIONS.includes(each.name))) {
      const version = freight.find((each) => each.name === stage.freight?.[0])?.artifacts?.[0]?.[2] ?? "?";
      await cell(on.page, stage.name).getByText(version, { exact: true }).waitFor();
    }
    await expect.poll(on.pressed.count).toBe(0);
    await on.context.close();
  });

  it("2: since when, by whom, from which commit and why? 0, all of it 1", async () => {
    const { page, context, pressed } = await at("/");
    await expect.poll(() => prod(page).innerText()).toMatch(/\d+ (min|h|d)\b/);
    await page.getByText("chi@example.com moved").filter({ hasText: "2.15.0" }).filter({ hasText: `${PROJECT} / storefront-eu` }).waitFor();
    await expect.poll(pressed.count).toBe(0);
    await page.getByRole("link", { name: PROJECT, exact: true }).click();
    await cell(page, "storefront-eu").hover();
    const card = page.getByRole("tooltip");
    for (const said of ["by chi@example.com", "2.15.0", "eu first, the others after lunch"]) await card.getByText(said).first().waitFor();
    await expect.poll(pressed.count).toBe(1);
    await context.close();
  });

  it("3: is it well, and is that answer fresh? 0", async () => {
    const { page, context, pressed } = await at("/");
    await expect.poll(() => prod(page).innerText()).toContain("failed");
    await page.locator("[data-liveness=live]").getByText("Live").waitFor();
    await expect.poll(pressed.count).toBe(0);
    await context.close();
  });

  it("4: where is my commit, tag or digest now? 1", async () => {
    const { page, context, pressed } = await at("/");
    await page.keyboard.press("Control+k");
    await page.getByLabel("Version, commit").fill("2.14.0");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/p\/online-shop\?freight=/);
    await expect.poll(() => cell(page, "storefront-ap").innerText()).toContain("here");
    await expect.poll(() => cell(page, "storefront-eu").innerText()).toContain("was here");
    await expect.poll(pressed.count).toBe(1);
    await context.close();
  });

  it("5: what waits for me? 0", async () => {
    const { page, context, pressed } = await at("/");
    const waiting = await server.get<{ items: unknown[] }>("/towpath/v1/me/inbox");
    const mine = page.getByRole("region", { name: "For you" });
    if (waiting.items.length === 0) await mine.getByText("Nothing waits for you").waitFor();
    else await expect.poll(() => mine.locator("[data-inbox]").count()).toBe(Math.min(5, waiting.items.length));
    await expect.poll(pressed.count).toBe(0);
    await context.close();
  });

  it("6 and 7: why can it not go there, and when will it be in prod? 0, once it is selected", async () => {
    const freight = await freightOf("2.16.0");
    const { page, context, pressed } = await at(BOARD);
    await chip(page, "2.16.0").click();
    await page.getByText("Every cell says what").waitFor();
    await pressed.anew();
    const told = await server.get<WireExplain>(`${OURS}/stages/storefront-eu/explain?freight=${freight}`);
    expect(told.gates?.find((each) => !each.open && each.bars === "promotion")?.name).toBe("verified");
    for (const region of REGIONS) await expect.poll(() => cell(page, region).innerText()).toMatch(/waits\s+not verified upstream/);
    // What shuts it is the Stage before it, which says until when.
    const lens = await server.get<WireLens>(`${OURS}/lens?freight=${freight}`);
    const [state, gate, opensAt] = lens.stages["storefront-soak"] ?? ["missing"];
    expect([state, gate]).toEqual(["waits", "soaked"]);
    await cell(page, "storefront-soak").getByText(`until ${moment(Number(opensAt), now())}`, { exact: true }).waitFor();
    const arrives = page.getByRole("rowheader").filter({ hasText: "storefront" });
    await expect.poll(() => arrives.innerText()).toMatch(/there (≈ )?\w*\s?\d\d:\d\d/);
    await expect.poll(pressed.count).toBe(0);
    await context.close();
  });

  it("10: what failed, with the error and the log at its line? 0, the log 1", async () => {
    const { projects = [] } = await overview();
    const [stage, , , message = ""] = projects.find((each) => each.name === PROJECT)?.trouble?.find(([name]) => name === "checkout-ap") ?? [];
    expect(stage).toBe("checkout-ap");
    const { page, context, pressed } = await at("/");
    const trouble = page.getByRole("region", { name: "Trouble" });
    await trouble.getByText(message.slice(0, 40)).waitFor();
    await expect.poll(pressed.count).toBe(0);
    await trouble.getByRole("link", { name: "Log of checkout-ap" }).click();
    const failing = page.locator("[data-log] [data-failing]").first();
    await failing.waitFor();
    await expect.poll(() => failing.innerText()).toContain("HTTP (507)");
    await page.waitForURL(/\/p\/online-shop\/promotion\/checkout-ap/);
    await expect.poll(pressed.count).toBe(1);
    await context.close();
    const on = await at(BOARD);
    await cell(on.page, "checkout-ap").hover();
    await on.page.getByRole("link", { name: "Log of checkout-ap" }).click();
    await on.page.locator("[data-log] [data-failing]").first().waitFor();
    await expect.poll(on.pressed.count).toBe(1);
    await on.context.close();
  });

  it("12: what was everywhere at a moment, and what is different since? 1", async () => {
    const { page, context, pressed, complaints } = await at(BOARD);
    await cell(page, "storefront-eu").waitFor();
    await page.keyboard.press("t");
    const handle = page.getByRole("slider", { name: "What was everywhere at" });
    await handle.waitFor();
    await pressed.anew();
    const box = await handle.boundingBox();
    if (box === null) throw new Error("the bar is not drawn");
    await page.mouse.move(box.x + box.width - 8, box.y + box.height - 11);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height - 11, { steps: 8 });
    await page.mouse.up();
    const past = page.locator("[data-past]");
    await past.getByText("Looking, not acting").waitFor();
    await expect.poll(pressed.count).toBe(1);
    // What the board shows of that moment that the server did not tell.
    const untold = async (): Promise<readonly string[]> => {
      const moment = await past.getAttribute("data-past");
      const then = await server.get<WireBoard & { now?: string[] }>(`${OURS}/board?at=${moment ?? ""}`);
      const versions = new Map((then.freight ?? []).map((each) => [each.name, each.artifacts?.[0]?.[2] ?? ""]));
      const found: string[] = [];
      for (const region of REGIONS) {
        const version = versions.get(then.stages?.find((each) => each.name === region)?.freight?.[0] ?? "") ?? "–";
        const shown = await cell(page, region).innerText();
        if (!shown.includes(version)) found.push(`${region} has ${version}, shown as ${shown}`);
      }
      const marked = await page.locator("[data-other]").evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.place?.replace("stage:", "") ?? ""));
      const other = (then.now ?? []).filter((each) => !each.endsWith("-soak") || marked.includes(each));
      if (marked.length === 0 || marked.toSorted().join() !== other.toSorted().join()) found.push(`different since: ${other.join()}, marked: ${marked.join()}`);
      return found;
    };
    await expect.poll(untold, { interval: 300 }).toEqual([]);
    await cell(page, "storefront-eu").hover();
    await page.getByRole("tooltip").getByText("2.1").first().waitFor();
    await expect.poll(() => page.getByRole("button", { name: /promote|roll back|approve|hold/i }).count()).toBe(0);
    await passesAxe(page);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await past.waitFor({ state: "detached" });
    await cell(page, "storefront-eu").getByText("2.15.0", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("8 and 9: what would change, artifacts, commits, files and calls? 1. Promote it: 2", async () => {
    const { page, context, pressed } = await at(BOARD);
    await cell(page, "storefront-us").hover();
    await page.getByRole("button", { name: "Promote to storefront-us" }).click();
    await ready(page, "Promote to storefront-us");
    const sheet = page.getByRole("dialog");
    for (const said of ["2.14.0", "2.15.0", "storefront-us/values.yaml"]) await sheet.getByText(said).first().waitFor();
    await sheet.getByText(/\d+ commits?|its commits are not known/).first().waitFor();
    await sheet.getByRole("list", { name: "Calls, in order" }).getByRole("listitem").first().waitFor();
    await expect.poll(pressed.count).toBe(1);
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    await expect.poll(pressed.count).toBe(2);
    // The commit of what was moved is told where its Stage is looked at.
    await page.keyboard.press("Escape");
    await cell(page, "storefront-us").getByText("2.15.0", { exact: true }).waitFor();
    await pressed.anew();
    await page.mouse.move(2, 2);
    await cell(page, "storefront-us").hover();
    await page.getByRole("tooltip").getByText("commit").waitFor();
    await expect.poll(pressed.count).toBe(0);
    await context.close();
  });

  it("9 and 11: promote it and put the previous one back, by keys: 2 each", async () => {
    const { page, context, pressed } = await at(BOARD);
    await cell(page, "storefront-ap").waitFor();
    await pressUntil(page, "Tab", ({ place }) => place.startsWith("stage:"));
    for (const key of ["Control+Home", "End"]) await press(page, key);
    await pressUntil(page, "ArrowDown", ({ place }) => place === "stage:storefront-ap");
    await expect.poll(pressed.count).toBe(0);
    await press(page, "p");
    await ready(page, "Promote to storefront-ap");
    await press(page, "Control+Enter");
    await succeeded(page);
    await expect.poll(pressed.count).toBe(2);
    await press(page, "Escape");
    await cell(page, "storefront-ap").getByText("2.15.0", { exact: true }).waitFor();
    await expect.poll(async () => (await focused(page)).place).toBe("stage:storefront-ap");
    await pressed.anew();
    await press(page, "r");
    await ready(page, "Roll back storefront-ap");
    await press(page, "Control+Enter");
    await succeeded(page);
    await expect.poll(pressed.count).toBe(2);
    await press(page, "Escape");
    await cell(page, "storefront-ap").getByText("2.14.0", { exact: true }).waitFor();
    await context.close();
  });

  it("11: put the previous one back, by the pointer: 2", async () => {
    const { page, context, pressed } = await at(BOARD);
    await cell(page, "storefront-us").hover();
    await page.getByRole("button", { name: "Roll back storefront-us" }).click();
    await ready(page, "Roll back storefront-us");
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    await expect.poll(pressed.count).toBe(2);
    await cell(page, "storefront-us").getByText("2.14.0", { exact: true }).waitFor();
    await context.close();
  });
});
