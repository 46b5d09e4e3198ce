/** Roles, tokens and credentials on a real server, and how all screens of the settings look to axe, to narrow screens and when they fail. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { small } from "./acting.ts";
import { PHONE, WIDE, hasBrowser, launch, passesAxe, fits, readable } from "./browser.ts";
import { RealServer } from "./real.ts";
import { enter, goTo, signedIn } from "./opening.ts";
import { seed, tokenOf } from "./settings.ts";

const CANARY = "c4n4ry-0b57c2";
let browser: Browser;
const server = new RealServer();
const isPossible = hasBrowser();
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

const SCREENS = [
  ["general", "/p/shop/settings", "Delete this Project"],
  ["promotion", "/p/shop/settings/promotion", "Add a policy"],
  ["objects", "/p/shop/settings/objects", "urls"],
  ["credentials", "/p/shop/settings/credentials", "deploy-key"],
  ["webhooks", "/p/shop/settings/webhooks", "Add a receiver"],
  ["roles", "/p/shop/settings/roles", "kargo-viewer"],
  ["role", "/p/shop/settings/roles/movers", "Take away"],
  ["edit", "/p/shop/edit/stage/test", "Nothing is changed."],
  ["new", "/p/shop/new/stage", "Review changes"],
  ["own tokens", "/settings", "of at most 50"],
  ["system roles", "/settings/roles", "kargo-admin"],
  ["shared credentials", "/settings/credentials", "There is none"],
  ["system credentials", "/settings/secrets", "There is none"],
  ["system webhooks", "/settings/webhooks", "Add a receiver"],
  ["system", "/settings/cluster", "Name of the author"],
] as const;

describe.runIf(isPossible)("access and credentials", () => {
  beforeAll(async () => {
    browser = await launch();
    await server.start();
    await seed(server);
    await server.ask("POST", "/v1beta1/projects/shop/repo-credentials", JSON.stringify({ name: "deploy-key", type: "git", repoUrl: "https://git.example.com/shop.git", username: "jo", password: CANARY }));
    await server.ask("POST", "/v1beta1/projects/shop/roles", JSON.stringify({ metadata: { name: "movers" }, claims: [{ name: "groups", values: ["release-managers"] }], rules: [{ resources: ["stages"], verbs: ["get", "promote"], resourceNames: ["prod"] }] }));
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("a role is made, given to people, given a right, and has a token that is shown once, used and revoked", async () => {
    const { page, context, complaints } = await signedIn(browser, server, "/p/shop/settings/roles");
    await page.getByLabel("Name", { exact: true }).fill("watchers");
    await page.getByLabel("Value").fill("developers");
    await button(page, "Make the role").click();
    await page.waitForURL(/\/roles\/watchers$/);
    await page.getByText("developers").waitFor();
    await page.getByLabel("Claim").fill("email");
    await page.getByLabel("Value").fill("jo@example.com");
    await button(page, "Give it to them").click();
    await page.getByText("jo@example.com").waitFor();
    await button(page, "Give this right").click();
    await page.getByRole("rowheader", { name: "stages" }).waitFor();
    await page.getByLabel("Name of a new token").fill("dashboard");
    await button(page, "Make the token").click();
    const token = (await page.locator("code").first().textContent()) ?? "";
    const asked = async () => (await fetch(`${server.url}/v1beta1/projects/shop/stages`, { headers: { Authorization: `Bearer ${token}` } })).status;
    await expect.poll(asked).toBe(200);
    await page.getByRole("cell", { name: "never" }).waitFor();
    await button(page, "Put it away").click();
    await expect.poll(() => readable(page)).not.toContain(token);
    await button(page, "Revoke…").click();
    await button(page, "Revoke dashboard").click();
    await page.getByText("There is no token of this role").waitFor();
    await expect.poll(asked).toBe(401);
    await button(page, "Take away from email jo@example.com").click();
    await page.getByText("jo@example.com").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("what a role cannot be given is said by the server, and what was typed stays", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop/settings/roles/movers");
    await page.getByLabel("Claim").fill("bad claim/");
    await page.getByLabel("Value").fill("x".repeat(300));
    await page.getByLabel("Only the one of this name").fill("no such name!");
    const answer = page.waitForResponse((response) => response.url().includes("/roles/grants"));
    await button(page, "Give it to them").click();
    const isTaken = (await answer).ok();
    if (!isTaken) await expect.poll(() => page.getByLabel("Value").inputValue()).toHaveLength(300);
    await context.close();
  });

  it("a credential is written, changed without its value, tried on an address, and deleted; its value is nowhere", async () => {
    const { page, context, complaints } = await signedIn(browser, server, "/p/shop/settings/credentials");
    const bodies: Promise<string>[] = [];
    page.on("response", (response) => {
      if (!(response.headers()["content-type"] ?? "").includes("event-stream")) bodies.push(response.text().catch(() => ""));
    });
    await button(page, "New credential").click();
    await page.getByLabel("Name", { exact: true }).fill("charts");
    await page.getByLabel("It is for").first().selectOption("helm");
    await page.getByLabel("It is a pattern").check();
    await page.getByLabel("Pattern of addresses").fill("^https://charts\\.example\\.com/.*$");
    await page.getByLabel("Name of the user").fill("bot");
    await page.getByLabel("Password or token").fill(CANARY);
    const kept = await page.evaluate(() => JSON.stringify(sessionStorage));
    expect(kept).not.toContain(CANARY);
    await button(page, "Make the credential").click();
    await page.getByRole("rowheader", { name: "charts" }).waitFor();
    await button(page, "Change charts").click();
    await page.getByLabel("Name of the user").fill("robot");
    await page.locator("form").getByRole("button", { name: "Change charts" }).click();
    await page.getByText("as robot").waitFor();
    await page.getByLabel("Address of a repository").fill("https://charts.example.com/shop");
    await page.locator("form").filter({ hasText: "Find out" }).getByLabel("It is for").selectOption("helm");
    await button(page, "Find out").click();
    await page.getByText("charts is used").waitFor();
    await page.getByText("its pattern matches").waitFor();
    await page.getByRole("row", { name: /charts/ }).getByRole("button", { name: "Delete…" }).click();
    await button(page, "Delete charts").click();
    await page.getByRole("rowheader", { name: "charts" }).waitFor({ state: "detached" });
    const told = [await readable(page), ...(await Promise.all(bodies))];
    expect(told.filter((each) => each.includes(CANARY))).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("one's own token is made, shown once, works, and ends at once", async () => {
    const { page, context } = await signedIn(browser, server, "/settings");
    await page.getByLabel("Name", { exact: true }).fill("laptop");
    await page.reload();
    await enter(page, server.token);
    await expect.poll(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe("laptop");
    await button(page, "Make the token").click();
    const token = (await page.locator("code").first().textContent()) ?? "";
    const asked = async () => (await fetch(`${server.url}/towpath/v1/me`, { headers: { Authorization: `Bearer ${token}` } })).status;
    await expect.poll(asked).toBe(200);
    await button(page, "Revoke…").click();
    await button(page, "Revoke laptop").click();
    await page.getByText("You have no token").waitFor();
    await expect.poll(asked).toBe(401);
    await context.close();
  });

  const looks = SCREENS.flatMap(([name, path, text]) => [{ name, path, text, theme: "light" as const, viewport: WIDE, width: 1440 }, { name, path, text, theme: "dark" as const, viewport: PHONE, width: 390 }]);
  it.each(looks)("$name, $theme, $width: axe finds nothing serious, and the page is as wide as the screen", async ({ path, text, theme, viewport }) => {
    const { page, context, complaints } = await signedIn(browser, server, path, { theme, viewport });
    await page.getByText(text).first().waitFor();
    await page.getByText("Loading ").first().waitFor({ state: "detached" });
    await passesAxe(page);
    await fits(page);
    if (viewport === PHONE) await expect.poll(() => small(page, "main")).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each(SCREENS.filter(([name]) => !["new", "objects"].includes(name)))("%s says when there is no right, and that it failed", async (_, path) => {
    for (const [status, said] of [[403, "not for you to see"], [503, "could not be loaded"]] as const) {
      const { page, context } = await signedIn(browser, server, "/");
      await page.route(/\/(v1beta1\/(projects|shared|system)\/|apis\/kargo|towpath\/v1\/me\/tokens)/, (route) => route.fulfill({ status, contentType: "application/json", body: JSON.stringify({ error: "away" }) }));
      await goTo(page, path);
      await page.locator("main").getByText(said).first().waitFor();
      await context.close();
    }
  });

  it("a viewer finds every button of access off, and why", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop/settings/credentials", { token: await tokenOf(server, "kargo-viewer", "looker") });
    await page.getByText("not for you to see").or(page.getByText("You need the right to create secrets in shop")).first().waitFor();
    await page.getByRole("link", { name: "Roles and tokens" }).click();
    await page.getByText("You need the right to create roles in shop").waitFor();
    await expect.poll(() => button(page, "Make the role").isDisabled()).toBe(true);
    await context.close();
  });
});
