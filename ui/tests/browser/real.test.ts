/** The UI on a real server: what is in prod, a server that is killed and comes back, and objects that nobody expected. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Browser } from "playwright-core";
import type { WireBoard } from "../../src/shared/api/documents.ts";
import { cell } from "./acting.ts";
import { PHONE, WIDE, hasBrowser, launch, ranNothing, readable } from "./browser.ts";
import { goTo, signedIn } from "./opening.ts";
import { RealServer } from "./real.ts";

const KARGO = "kargo.akuity.io/v1alpha1";
const CANARY = "c4n4ry-9f86d081884c";
const STEPS = [{ uses: "compose-output", config: { done: true } }];
const HOSTILE = `<img src=x onerror="window.hit=1">\u202Eevil`;

let browser: Browser;
const server = new RealServer();

const isPossible = hasBrowser();

const stage = (name: string, sources: object, more: object = {}) => ({
  apiVersion: KARGO,
  kind: "Stage",
  metadata: { name, namespace: "shop", ...more },
  spec: { requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources }], promotionTemplate: { spec: { steps: STEPS } } },
});
const freight = (tag: string, created: string) => ({
  apiVersion: KARGO,
  kind: "Freight",
  metadata: { namespace: "shop", creationTimestamp: created },
  origin: { kind: "Warehouse", name: "web" },
  images: [{ repoURL: "registry.invalid/shop/web", tag, digest: `sha256:${"9f86d081".repeat(8)}` }],
});

async function promote(stageName: string, tag: string): Promise<void> {
  const found = await server.ask<{ freight?: { metadata: { name: string }; images: { tag: string }[] }[]; groups?: Record<string, { items: { metadata: { name: string }; images: { tag: string }[] }[] }> }>("GET", "/v1beta1/projects/shop/freight");
  const all = Object.values(found.groups ?? {}).flatMap((each) => each.items);
  const name = all.find((each) => each.images[0]?.tag === tag)?.metadata.name ?? "";
  await server.ask("POST", `/v1beta1/projects/shop/stages/${stageName}/promotions`, JSON.stringify({ freight: name }));
}

async function versionIn(stageName: string): Promise<string | undefined> {
  const board = await server.ask<WireBoard>("GET", "/towpath/v1/projects/shop/board");
  const there = board.stages?.find((each) => each.name === stageName)?.freight?.[0];
  return board.freight?.find((each) => each.name === there)?.artifacts?.[0]?.[2];
}

describe.runIf(isPossible)("on a real server", () => {
  beforeAll(async () => {
    browser = await launch();
    await server.start();
    await server.apply(
      { apiVersion: KARGO, kind: "Project", metadata: { name: "shop" } },
      { apiVersion: "v1", kind: "Secret", metadata: { name: "creds", namespace: "shop", labels: { "kargo.akuity.io/cred-type": "git" } }, stringData: { repoURL: "https://git.invalid/x", username: "jo", password: CANARY } },
      { apiVersion: KARGO, kind: "Warehouse", metadata: { name: "web", namespace: "shop" }, spec: { interval: "24h", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: "registry.invalid/shop/web" } }] } },
      stage("test", { direct: true }, { labels: { "towpath.dev/environment": "test" } }),
      stage("prod", { stages: ["test"] }, { labels: { "towpath.dev/environment": "prod" }, annotations: { "kargo.akuity.io/description": HOSTILE } }),
    );
    await server.apply(freight("1.4.2", "2026-11-01T00:00:00Z"), freight("1.5.0", "2026-11-02T00:00:00Z"));
    for (const [where, tag] of [["test", "1.4.2"], ["prod", "1.4.2"], ["test", "1.5.0"]] as const) {
      // What is not verified yet before it is refused, and a moment later it is not.
      await vi.waitFor(async () => await promote(where, tag), { timeout: 60_000, interval: 200 });
      await vi.waitUntil(async () => (await versionIn(where)) === tag, { timeout: 60_000, interval: 200 });
    }
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it.each([WIDE, PHONE])("what is in prod is there to see after signing in, $width px wide", async (viewport) => {
    const { page, context, complaints } = await signedIn(browser, server, "/", { viewport });
    const found = page.locator("td[data-env=prod]").getByText("1.4.2", { exact: true });
    await found.waitFor();
    const box = await found.boundingBox();
    expect(box !== null && box.y + box.height <= viewport.height && box.x + box.width <= viewport.width).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("a server that is killed and comes back finds the page as it was, without a change missed or doubled", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop");
    await cell(page, "test").focus();
    await page.keyboard.press("x");
    await page.getByLabel("Stage, version or state").fill("t");
    await server.kill();
    await page.locator("[data-liveness=reconnecting]").waitFor();
    await expect.poll(() => page.getByLabel("Stage, version or state").inputValue()).toBe("t");
    await server.start();
    const started = Date.now();
    await vi.waitFor(async () => await promote("prod", "1.5.0"), { timeout: 60_000, interval: 200 });
    await page.locator("[data-liveness=live]").waitFor();
    const took = Date.now() - started;
    await page.getByLabel("Stage, version or state").fill("");
    await expect.poll(() => cell(page, "prod").textContent()).toContain("1.5.0");
    await expect.poll(() => cell(page, "test").getAttribute("aria-selected")).toBe("true");
    await expect.poll(() => page.locator("[data-place^='stage:']").count()).toBe(2);
    console.info(`live ${took} ms after the server was there again`);
    await context.close();
  });

  it("runs nothing that is written in an object, and shows no secret", async () => {
    const { page, context, complaints } = await signedIn(browser, server, "/p/shop?why=prod");
    const bodies: Promise<string>[] = [];
    page.on("response", (response) => {
      if (!(response.headers()["content-type"] ?? "").includes("event-stream")) bodies.push(response.text().catch(() => ""));
    });
    for (const view of ["/p/shop?view=list", "/", "/p/shop"]) {
      await goTo(page, view);
      await page.locator("[data-liveness=live]").waitFor();
    }
    const told = [await readable(page), ...(await Promise.all(bodies))];
    expect(told.filter((each) => each.includes(CANARY) || each.includes(server.token))).toEqual([]);
    await ranNothing(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
