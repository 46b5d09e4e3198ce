/** What a Warehouse finds and why, what would win by another rule, and what wakes it: on a real server with a repository of its own. */
import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Browser, Page } from "playwright-core";
import { PHONE, WIDE, hasBrowser, launch, passesAxe, fits } from "./browser.ts";
import { GitServer } from "./gitServer.ts";
import { RealServer } from "./real.ts";
import { signedIn } from "./opening.ts";
import { KARGO, tokenOf } from "./settings.ts";

const SHOTS = process.env.TOWPATH_SHOTS ?? "";
const SECRET = "s3cr3t-of-github";
const PAGE = "/p/shop/warehouse/web";

let browser: Browser;
let git: GitServer;
const server = new RealServer();
const isPossible = hasBrowser();

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === "") return;
  const before = page.viewportSize() ?? WIDE;
  // What scrolls is a part of the page: all of it is seen in a window that is high enough.
  await page.setViewportSize({ width: before.width, height: 2_200 });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
  await page.setViewportSize(before);
}

const push = (branch: string) => JSON.stringify({ ref: `refs/heads/${branch}`, before: "0".repeat(40), after: "1".repeat(40), repository: { clone_url: git.url, html_url: git.url }, commits: [{ id: "1".repeat(40), added: ["README.md"], modified: [], removed: [] }] });

/** A delivery as GitHub sends it. */
async function deliver(body: string, secret = SECRET): Promise<number> {
  const { items } = await server.ask<{ items: { path: string }[] }>("GET", "/towpath/v1/projects/shop/webhooks");
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const response = await fetch(server.url + (items[0]?.path ?? ""), { method: "POST", headers: { "Content-Type": "application/json", "X-GitHub-Event": "push", "X-Hub-Signature-256": `sha256=${signature}` }, body });
  return response.status;
}

describe.runIf(isPossible)("a Warehouse, explained", () => {
  beforeAll(async () => {
    if (SHOTS !== "") mkdirSync(SHOTS, { recursive: true });
    browser = await launch();
    git = await GitServer.start({ "README.md": "one\n" });
    git.tag("v1.0.0", "v1.1.0", "v2.0.0", "nightly");
    await server.start([new URL(git.url).host]);
    await server.apply({ apiVersion: KARGO, kind: "Project", metadata: { name: "shop" } });
    await server.apply(
      { apiVersion: KARGO, kind: "Warehouse", metadata: { name: "web", namespace: "shop" }, spec: { interval: "24h", subscriptions: [{ git: { repoURL: git.url, commitSelectionStrategy: "SemVer", semverConstraint: "^1.0.0", insecureSkipTLSVerify: true } }] } },
      { apiVersion: KARGO, kind: "Warehouse", metadata: { name: "docs", namespace: "shop" }, spec: { interval: "24h", subscriptions: [{ git: { repoURL: git.url, branch: "main", includePaths: ["docs"] } }] } },
      { apiVersion: "v1", kind: "Secret", metadata: { name: "github-webhook", namespace: "shop", labels: { "kargo.akuity.io/cred-type": "generic" } }, stringData: { secret: SECRET } },
      { apiVersion: KARGO, kind: "ProjectConfig", metadata: { name: "shop", namespace: "shop" }, spec: { webhookReceivers: [{ name: "github", github: { secretRef: { name: "github-webhook" } } }] } },
    );
    await vi.waitUntil(async () => (await server.ask<{ status?: { discoveredArtifacts?: object } }>("GET", "/v1beta1/projects/shop/warehouses/web")).status?.discoveredArtifacts !== undefined, { timeout: 60_000, interval: 250 });
    await vi.waitUntil(async () => (await server.ask<{ items: { path: string }[] }>("GET", "/towpath/v1/projects/shop/webhooks")).items[0]?.path.startsWith("/") === true, { timeout: 60_000, interval: 200 });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await git.close();
  });

  it("every candidate has its verdict, and an edited rule says what would win: nothing is stored, and the text is the draft of the form", async () => {
    const { page, context, complaints } = await signedIn(browser, server, PAGE);
    await page.getByRole("button", { name: "Look, and say why" }).click();
    await page.locator("[data-outcome=wins]").getByText("v1.1.0").waitFor();
    await page.locator("[data-outcome=excluded]").getByText("v2.0.0").waitFor();
    await page.getByText("Kept out, by rule:").waitFor();
    await page.getByText(/\d+ looks?, \d+ requests?/).waitFor();
    await page.getByText("Change its rules, and see what would win").press("Enter");
    const editor = page.getByLabel("Rules of web to try");
    const text = await editor.inputValue();
    await editor.fill(text.replace("^1.0.0", "^2.0.0"));
    await editor.press("Control+Enter");
    await page.locator("[data-moved='v2.0.0']").getByText("now v1.1.0 does").waitFor();
    await passesAxe(page);
    await shoot(page, "warehouse-light-1440");
    await editor.fill(text.replace("SemVer", "NoSuchStrategy"));
    await page.getByRole("button", { name: "See what would win" }).click();
    await page.getByText("It could not be tried:").waitFor();
    await page.getByRole("button", { name: /^Line \d+$/ }).waitFor();
    await editor.fill(text.replace("^1.0.0", "^2.0.0"));
    await page.getByRole("link", { name: "Take it to the form" }).click();
    await page.waitForURL(/\/edit\/warehouse\/web$/);
    await expect.poll(() => page.getByRole("textbox").first().inputValue()).toContain("^2.0.0");
    const stored = await server.ask<{ spec: { subscriptions: { git: { semverConstraint: string } }[] } }>("GET", "/v1beta1/projects/shop/warehouses/web");
    expect(stored.spec.subscriptions[0]?.git.semverConstraint).toBe("^1.0.0");
    expect(complaints.filter((each) => !each.includes("422"))).toEqual([]);
    await context.close();
  });

  it("who may look only sees what is known, and is told which right a look of their own needs", async () => {
    const token = await tokenOf(server, "kargo-viewer", "eye");
    const { page, context } = await signedIn(browser, server, PAGE, { token });
    await page.getByText("You need the right to update warehouses in shop").first().waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Look, and say why" }).isDisabled()).toBe(true);
    await expect.poll(() => page.getByText("Change its rules").count()).toBe(0);
    await page.getByText(/\d+ looks?, \d+ requests?/).waitFor();
    await context.close();
  });

  it("what a delivery wakes is told at the Warehouse and at the receiver, with why others did not look; a trial wakes nobody", async () => {
    const [taken, refused] = [await deliver(push("main")), await deliver(push("main"), "another")];
    expect(taken).toBe(200);
    expect(refused).toBeGreaterThanOrEqual(400);
    const { page, context, complaints } = await signedIn(browser, server, "/p/shop/warehouse/docs");
    await page.locator("[data-wakes=passed]").getByText("passed it over").waitFor();
    await page.getByRole("link", { name: "github", exact: true }).click();
    await page.waitForURL(/\/settings\/webhooks$/);
    await page.locator("summary", { hasText: "1 taken, 1 refused" }).press("Enter");
    const came = page.getByRole("region", { name: "What came" }).getByRole("row");
    await came.filter({ hasText: "docs:" }).filter({ hasText: "200" }).waitFor();
    await page.getByText("Try a delivery").press("Enter");
    const [headers, body] = [page.getByLabel("Headers to try at github"), page.getByLabel("Body to try at github")];
    await headers.fill("no header");
    await page.getByText("Line 1 is no header").waitFor();
    await headers.fill("X-GitHub-Event: push");
    await body.fill(push("main"));
    await page.getByRole("button", { name: "See what would come of it" }).click();
    await page.getByRole("region", { name: "What would come of it" }).getByText("docs:").waitFor();
    await passesAxe(page);
    await shoot(page, "webhooks-light-1440");
    const found = await server.ask<{ items: unknown[] }>("GET", "/towpath/v1/projects/shop/webhooks/github/receipts");
    expect(found.items).toHaveLength(2);
    const kept = await page.evaluate(() => JSON.stringify(sessionStorage));
    expect(kept).not.toContain("X-GitHub-Event");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([["warehouse", PAGE, "Why this one won"], ["webhooks", "/p/shop/settings/webhooks", "What came"], ["health", "/health", "things are well"]] as const)("%s in the dark on a phone: as wide as the screen, and axe finds nothing", async (name, path, text) => {
    const { page, context, complaints } = await signedIn(browser, server, path, { theme: "dark", viewport: PHONE });
    await page.getByText(text).first().waitFor();
    if (name === "webhooks") await page.getByText(/\d taken/).click();
    if (name === "warehouse") await page.locator("[data-outcome=wins]").waitFor();
    await passesAxe(page);
    await fits(page);
    await shoot(page, `${name}-dark-390`);
    await page.setViewportSize(WIDE);
    await shoot(page, `${name}-dark-1440`);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
