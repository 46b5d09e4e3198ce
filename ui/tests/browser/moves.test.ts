/** Moves on a real server: the plan that is shown is what is pushed, by keys alone, in few clicks, and never on stale data. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import type { WireBoard } from "../../src/shared/api/documents.ts";
import { cell, press, pressUntil, presses, ready, small, succeeded, hasFocus } from "./acting.ts";
import { PHONE, WIDE, hasBrowser, launch, passesAxe, fits, type Theme } from "./browser.ts";
import { GitServer } from "./gitServer.ts";
import { signedIn } from "./opening.ts";
import { RealServer } from "./real.ts";

const KARGO = "kargo.akuity.io/v1alpha1";
const SHOTS = process.env.TOWPATH_SHOTS ?? "";
const FILES = { "prod/values.yaml": "image:\n  repository: registry.invalid/shop/web\n  tag: 1.0.0\nreplicas: 2\n", "test/values.yaml": "image:\n  tag: 1.0.0\n" };

let browser: Browser;
let git: GitServer;
const server = new RealServer();
const isPossible = hasBrowser();

const stage = (name: string, sources: object) => ({
  apiVersion: KARGO,
  kind: "Stage",
  metadata: { name, namespace: "shop", labels: { "towpath.dev/environment": name } },
  spec: {
    requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources }],
    promotionTemplate: {
      spec: {
        steps: [
          { uses: "git-clone", as: "clone", config: { repoURL: git.url, checkout: [{ path: "./src", branch: "main" }] } },
          { uses: "yaml-update", as: "set", config: { path: `./src/${name}/values.yaml`, updates: [{ key: "image.tag", value: "${{ imageFrom('registry.invalid/shop/web').Tag }}" }] } },
          { uses: "git-commit", as: "commit", config: { path: "./src", message: "${{ outputs.set.commitMessage }}" } },
          { uses: "git-push", as: "push", config: { path: "./src" } },
        ],
      },
    },
  },
});
const freight = (tag: string, created: string) => ({
  apiVersion: KARGO,
  kind: "Freight",
  alias: `web-${tag.replaceAll(".", "-")}`,
  metadata: { namespace: "shop", creationTimestamp: created },
  origin: { kind: "Warehouse", name: "web" },
  images: [{ repoURL: "registry.invalid/shop/web", tag, digest: `sha256:${tag.replaceAll(".", "").padEnd(8, "f").repeat(8)}` }],
});

const board = () => server.ask<WireBoard>("GET", "/towpath/v1/projects/shop/board");

async function versionIn(name: string): Promise<string | undefined> {
  const found = await board();
  const there = found.stages?.find((each) => each.name === name)?.freight?.[0];
  return found.freight?.find((each) => each.name === there)?.artifacts?.[0]?.[2];
}

async function settled(name: string, tag: string): Promise<void> {
  await vi.waitUntil(
    async () => {
      const failed = (await board()).stages?.find((each) => each.name === name && each.phase === "Failed");
      if (failed !== undefined) throw new Error(`the Promotion to ${name} failed: ${failed.msg ?? ""}`);
      return (await versionIn(name)) === tag;
    },
    { timeout: 60_000, interval: 200 },
  );
}

async function promote(name: string, tag: string): Promise<void> {
  const body = JSON.stringify({ stages: [name], freight: `web-${tag.replaceAll(".", "-")}`, reason: "seed" });
  await vi.waitFor(
    async () => {
      const found = await server.ask<{ refused: number }>("POST", "/towpath/v1/projects/shop/moves", body);
      expect(found.refused).toBe(0);
    },
    { timeout: 60_000, interval: 200 },
  );
  await settled(name, tag);
}

const at = (path: string, viewport = WIDE, theme: Theme = "light") => signedIn(browser, server, path, { viewport, theme });

const diffOf = (page: Page) => page.locator("[data-plan] tr[data-change]").evaluateAll((rows) => rows.map((row) => `${row.children[2]?.textContent === "+" ? "+" : "-"}${row.children[3]?.textContent ?? ""}`));

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS !== "") await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

describe.runIf(isPossible)("moves on a real server", () => {
  beforeAll(async () => {
    if (SHOTS !== "") mkdirSync(SHOTS, { recursive: true });
    browser = await launch();
    git = await GitServer.start(FILES);
    await server.start([new URL(git.url).host]);
    await server.apply(
      { apiVersion: KARGO, kind: "Project", metadata: { name: "shop" } },
      { apiVersion: KARGO, kind: "Warehouse", metadata: { name: "web", namespace: "shop" }, spec: { interval: "24h", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: "registry.invalid/shop/web" } }] } },
      stage("test", { direct: true }),
      stage("prod", { stages: ["test"] }),
    );
    await server.apply(freight("1.4.2", "2026-11-01T00:00:00Z"), freight("1.5.0", "2026-11-02T00:00:00Z"));
    await promote("test", "1.4.2");
    await promote("prod", "1.4.2");
    await promote("test", "1.5.0");
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await git.close();
  });

  it("shows in the plan the lines that are pushed, and says when its base has moved", async () => {
    const { page, context, complaints } = await at("/p/shop?move=promote&to=prod&of=web-1-5-0");
    await ready(page, "Promote to prod");
    await page.locator("[data-plan] tr[data-change]").first().waitFor();
    await shoot(page, "sheet");
    await passesAxe(page);
    git.commit({ "prod/values.yaml": FILES["prod/values.yaml"].replace("1.0.0", "1.4.2").replace("replicas: 2", "replicas: 3") }, "behind the back");
    await page.locator("[data-plan=outdated]").waitFor();
    await expect.poll(() => page.locator("[data-confirm]").isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Renew the plan" }).click();
    await ready(page, "Promote to prod");
    const shown = ["-  tag: 1.4.2", "+  tag: 1.5.0"];
    await expect.poll(() => diffOf(page)).toEqual(shown);
    await page.getByRole("dialog").getByRole("textbox").fill("release 1.5.0");
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    expect(git.changed()).toEqual(shown);
    await page.getByRole("link", { name: "Open the Promotion" }).click();
    await page.locator("article [data-phase=Succeeded]").waitFor();
    await page.locator("[data-planned=equal]").waitFor();
    await expect.poll(() => page.getByText("release 1.5.0").count()).toBeGreaterThan(0);
    await page.getByRole("button", { name: /push/ }).click();
    await page.locator("[data-log=push]").waitFor();
    await shoot(page, "promotion");
    await passesAxe(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("takes two presses to put the previous one back, and two to promote", async () => {
    const { page, context, complaints } = await at("/p/shop");
    const pressed = await presses(page);
    await cell(page, "prod").hover();
    await shoot(page, "tools");
    await page.getByRole("button", { name: "Roll back prod" }).click();
    await ready(page, "Roll back prod");
    await page.getByText("does not undo").first().waitFor();
    // Going back is a promotion: no gate offers another one, which would turn the sheet round.
    await page.locator("[data-gates=told]").waitFor();
    await expect.poll(() => page.locator("[data-remedy=promote]").count()).toBe(0);
    await shoot(page, "rollback");
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    await expect.poll(pressed.count).toBe(2);
    await settled("prod", "1.4.2");
    // What would change, all of it, is there after one press.
    await cell(page, "prod").hover();
    await page.getByRole("button", { name: "Promote to prod" }).click();
    await ready(page, "Promote to prod");
    for (const text of ["1.4.2", "1.5.0", "prod/values.yaml", "push"]) await expect.poll(() => page.getByRole("dialog").getByText(text).count()).toBeGreaterThan(0);
    await expect.poll(pressed.count).toBe(3);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is told what has changed since, where somebody else was quicker", async () => {
    const before = (await board()).rev;
    const { page, context } = await at("/p/shop");
    // A plan would say by itself that its base has moved: here the sheet is confirmed without one.
    await page.route("**/projects/shop/plan", () => undefined);
    await cell(page, "prod").hover();
    await page.getByRole("button", { name: "Promote to prod" }).click();
    await page.getByRole("button", { name: "Do not wait for it" }).click();
    await page.locator("[data-confirm]:enabled").waitFor();
    await promote("prod", "1.5.0");
    await page.getByText("It is there already").waitFor();
    await page.locator("[data-confirm]:enabled").click();
    await page.locator("[data-refused=stale]").getByText("prod").waitFor();
    await shoot(page, "stale");
    await page.getByRole("button", { name: "Look at how it is now" }).click();
    await page.locator("[data-confirm]:enabled").waitFor();
    const direct = await fetch(`${server.url}/towpath/v1/projects/shop/moves`, {
      method: "POST",
      headers: { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ stages: ["prod"], freight: "web-1-4-2", ifRev: before }),
    });
    const refusal = (await direct.json()) as { reason: string };
    expect([direct.status, refusal.reason]).toEqual([409, "stale"]);
    await context.close();
  });

  it("does everything by keys: find, why, promote with a reason, watch, put back", async () => {
    await promote("prod", "1.4.2");
    const { page, context, complaints } = await at("/p/shop");
    await cell(page, "prod").waitFor();
    await pressUntil(page, "Tab", ({ place }) => place.startsWith("stage:"));
    for (const key of ["Control+Home", "Home"]) await press(page, key);
    await hasFocus(cell(page, "test"));
    await press(page, "f");
    await page.getByText("Every cell says what").waitFor();
    await press(page, "ArrowRight");
    await hasFocus(cell(page, "prod"));
    await press(page, "w");
    await page.locator("[data-why=summary]").waitFor();
    await press(page, "Escape");
    await page.locator("[data-why=summary]").waitFor({ state: "detached" });
    await hasFocus(cell(page, "prod"));
    await press(page, "p");
    await ready(page, "Promote to prod");
    await pressUntil(page, "Tab", ({ tag }) => tag === "TEXTAREA");
    await page.keyboard.type("by keys");
    await press(page, "Control+Enter");
    await succeeded(page);
    await settled("prod", "1.5.0");
    await press(page, "Escape");
    await hasFocus(cell(page, "prod"));
    await press(page, "r");
    await ready(page, "Roll back prod");
    await press(page, "Control+Enter");
    await succeeded(page);
    await settled("prod", "1.4.2");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("is done on a phone with a thumb: approve, and put the previous one back", async () => {
    const { page, context, complaints } = await at("/p/shop", PHONE);
    const narrow = async () => {
      await page.setViewportSize({ width: 320, height: 844 });
      await fits(page);
      await page.setViewportSize(PHONE);
    };
    await page.getByRole("button", { name: "More for prod" }).click();
    await page.getByRole("menuitem", { name: "Approve Freight for it" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.locator("[data-confirm]:enabled").waitFor();
    await expect.poll(() => small(page, "[role=dialog]")).toEqual([]);
    await narrow();
    await sheet.locator("[data-confirm]").click();
    await sheet.locator("[data-result=approved]").waitFor();
    await sheet.getByRole("button", { name: "Close" }).first().click();
    await sheet.waitFor({ state: "detached" });
    await expect.poll(() => small(page, "main")).toEqual([]);
    await page.getByRole("button", { name: "Roll back prod" }).click();
    await ready(page, "Roll back prod");
    await narrow();
    await sheet.locator("[data-confirm]").click();
    await succeeded(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("keeps what was typed while the server is away, and lets nobody act meanwhile", async () => {
    const { page, context } = await at("/p/shop?move=promote&to=prod&of=web-1-5-0", PHONE, "dark");
    await ready(page, "Promote to prod");
    await shoot(page, "sheet-phone");
    await page.getByRole("dialog").getByRole("textbox").fill("typed before");
    await passesAxe(page);
    await server.kill();
    await page.locator("[data-confirm]:disabled").waitFor();
    await page.getByText("once the page is live again").waitFor();
    await server.start([new URL(git.url).host]);
    await page.locator("[data-confirm]:enabled").waitFor();
    await expect.poll(() => page.getByRole("dialog").getByRole("textbox").inputValue()).toBe("typed before");
    await page.locator("[data-confirm]").click();
    await succeeded(page);
    await shoot(page, "live-phone");
    await context.close();
  });
});
