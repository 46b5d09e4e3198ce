/** "Stop the line" on a real server: what is held and what is not is told before, it is typed, and it is taken back. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import type { WireBoard } from "../../src/shared/api/documents.ts";
import { hasFocus, isInDialog } from "./acting.ts";
import { PHONE, WIDE, hasBrowser, launch, passesAxe, fits, type Theme } from "./browser.ts";
import { signedIn } from "./opening.ts";
import { RealServer } from "./real.ts";

const KARGO = "kargo.akuity.io/v1alpha1";
const STEPS = [{ uses: "compose-output", config: { done: true } }];
const SHOTS = process.env.TOWPATH_SHOTS ?? "";
const AUTOMATIC = ["test", "prod", "late"];

let browser: Browser;
const server = new RealServer();
const isPossible = hasBrowser();

const stage = (name: string, sources: object) => ({
  apiVersion: KARGO,
  kind: "Stage",
  metadata: { name, namespace: "shop" },
  spec: { requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources }], promotionTemplate: { spec: { steps: STEPS } } },
});
const freight = {
  apiVersion: KARGO,
  kind: "Freight",
  alias: "web-1",
  metadata: { namespace: "shop" },
  origin: { kind: "Warehouse", name: "web" },
  images: [{ repoURL: "registry.invalid/shop/web", tag: "1.4.2", digest: `sha256:${"9f86d081".repeat(8)}` }],
};

const stages = async () => (await server.ask<WireBoard>("GET", "/towpath/v1/projects/shop/board")).stages ?? [];
const held = async () => Object.fromEntries((await stages()).flatMap((each) => (each.hold === undefined ? [] : [[each.name, each.hold[2] ?? ""]])));

const at = (path: string, viewport = WIDE, theme: Theme = "light") => signedIn(browser, server, path, { viewport, theme });

const sheet = (page: Page) => page.locator("[data-move=line]");
const stopped = (page: Page) => sheet(page).getByRole("button", { name: "Hold 2 Stages of shop" });

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS !== "") await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

/** What can be pressed in the sheet and in the bar, and is lower or narrower than a thumb. */
async function small(page: Page): Promise<string[]> {
  const found = await page.locator("header button, [data-move=line] :is(button, select, input, textarea, summary, a)").evaluateAll((all) =>
    all.flatMap((each) => {
      const box = each.getBoundingClientRect();
      return box.width > 0 && (box.height < 44 || box.width < 44) ? [`${each.textContent}: ${box.width}x${box.height}`] : [];
    }),
  );
  return found;
}

describe.runIf(isPossible)("the line of a Project, on a real server", () => {
  beforeAll(async () => {
    if (SHOTS !== "") mkdirSync(SHOTS, { recursive: true });
    browser = await launch();
    await server.start();
    await server.apply(
      { apiVersion: KARGO, kind: "Project", metadata: { name: "shop" } },
      { apiVersion: KARGO, kind: "Project", metadata: { name: "till" } },
      { apiVersion: KARGO, kind: "ProjectConfig", metadata: { name: "shop", namespace: "shop" }, spec: { promotionPolicies: AUTOMATIC.map((name) => ({ stageSelector: { name }, autoPromotionEnabled: true })) } },
      { apiVersion: KARGO, kind: "Warehouse", metadata: { name: "web", namespace: "shop" }, spec: { interval: "24h", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: "registry.invalid/shop/web" } }] } },
      stage("test", { direct: true }),
      stage("prod", { stages: ["test"] }),
      stage("late", { stages: ["manual"] }),
      stage("manual", { stages: ["test"] }),
    );
    await server.apply(freight);
    await vi.waitUntil(async () => (await stages()).filter((each) => (each.freight ?? []).length > 0 && each.auto === true).length === 2, { timeout: 60_000, interval: 200 });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("is stopped from the overview and resumed again, by keys alone", async () => {
    const { page, context, complaints } = await at("/");
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await sheet(page).getByRole("option", { name: "shop" }).waitFor({ state: "attached" });
    await isInDialog(page);
    await shoot(page, "line-choice");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await hasFocus(sheet(page).getByLabel("Of which Project?"));
    await page.keyboard.type("shop");
    await sheet(page).locator("[data-standing=toHold]").getByText("prod, test").or(sheet(page).getByText("test, prod")).waitFor();
    await sheet(page).locator("[data-standing=empty]").getByText("late").waitFor();
    await sheet(page).locator("[data-standing=manual]").getByText("manual").waitFor();
    await expect.poll(() => stopped(page).isDisabled()).toBe(true);
    const focused = () => page.evaluate(() => document.activeElement?.tagName ?? "");
    const tabTo = async (tag: string) => {
      for (let times = 0; times < 20; times += 1) {
        await page.keyboard.press("Tab");
        if ((await focused()) === tag) return;
      }
      throw new Error(`Tab does not lead to ${tag}`);
    };
    await tabTo("TEXTAREA");
    await page.keyboard.type("incident 4711");
    await tabTo("INPUT");
    await page.keyboard.type("shop");
    await expect.poll(() => stopped(page).isEnabled()).toBe(true);
    await passesAxe(page);
    await shoot(page, "line-1440-light");
    await page.keyboard.press("Enter");
    await sheet(page).getByText("2 Stages of shop held").waitFor();
    await expect.poll(held).toEqual({ test: "Line stopped: incident 4711", prod: "Line stopped: incident 4711" });
    // Whoever comes later finds it stopped, and by whom and why.
    await page.keyboard.press("Escape");
    await sheet(page).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Stop the line" }).click();
    await sheet(page).getByLabel("Of which Project?").selectOption("shop");
    await sheet(page).locator("[data-line=stopped]").getByText("incident 4711").waitFor();
    await sheet(page).getByText("There is nothing left to hold in shop.").waitFor();
    await passesAxe(page);
    await shoot(page, "line-stopped-1440-light");
    await page.getByRole("button", { name: "Resume the line: 2 Stages" }).click();
    await sheet(page).getByText("2 Stages of shop resumed").waitFor();
    await expect.poll(held).toEqual({});
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each(["light", "dark"] as const)("is stopped on a phone, with a thumb, in the %s theme", async (theme) => {
    const { page, context, complaints } = await at("/p/shop", PHONE, theme);
    await page.getByRole("button", { name: "Stop the line" }).click();
    await stopped(page).waitFor();
    await shoot(page, `line-390-${theme}`);
    await passesAxe(page);
    await expect.poll(() => small(page)).toEqual([]);
    await sheet(page).getByLabel("Reason").fill("fire");
    await sheet(page).getByLabel("Type shop to confirm").fill("shop");
    await stopped(page).click();
    await sheet(page).getByText("2 Stages of shop held").waitFor();
    await shoot(page, `line-done-390-${theme}`);
    await expect.poll(() => small(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 844 });
    await fits(page);
    await sheet(page).getByRole("button", { name: "Resume the line: 2 Stages" }).click();
    await sheet(page).getByText("2 Stages of shop resumed").waitFor();
    await expect.poll(held).toEqual({});
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("a move is confirmed on a phone by holding its button, or by the ordinary one", async () => {
    const { page, context } = await at("/p/shop?move=hold&to=test", PHONE);
    const hold = page.locator("[data-hold]");
    await page.locator("[data-confirm]:enabled").waitFor();
    await shoot(page, "hold-390");
    const box = await hold.boundingBox();
    if (box === null) throw new Error("the button is not drawn");
    expect(box.height).toBeGreaterThanOrEqual(44);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.locator("[data-hold=held]").waitFor();
    await page.locator("[data-result=held]").waitFor();
    await page.mouse.up();
    await expect.poll(async () => Object.keys(await held())).toEqual(["test"]);
    const said = await server.run("resume", "-p", "shop", "test");
    expect(said).toContain("resumed");
    await context.close();
  });

  it("cannot be stopped by a page that has not heard of the server, which keeps what was typed", async () => {
    const { page, context } = await at("/?line=shop", WIDE, "dark");
    await sheet(page).getByLabel("Type shop to confirm").fill("shop");
    await sheet(page).getByLabel("Reason").fill("fire");
    await expect.poll(() => stopped(page).isEnabled()).toBe(true);
    await passesAxe(page);
    await shoot(page, "line-1440-dark");
    await server.kill();
    await expect.poll(() => stopped(page).isDisabled()).toBe(true);
    await sheet(page).getByText("when the page is live again").waitFor();
    await server.start();
    await expect.poll(() => stopped(page).isEnabled()).toBe(true);
    await expect.poll(() => sheet(page).getByLabel("Reason").inputValue()).toBe("fire");
    await context.close();
  });

  it("is stopped and resumed by the command line all the same", async () => {
    const stopping = await server.run("hold", "-p", "shop", "--all", "--yes", "--reason", "fire");
    expect(stopping).toContain("prod held");
    await expect.poll(held).toEqual({ test: "Line stopped: fire", prod: "Line stopped: fire" });
    const resuming = await server.run("resume", "-p", "shop", "--all", "--yes");
    expect(resuming).toContain("prod resumed");
    await expect.poll(held).toEqual({});
  });
});
