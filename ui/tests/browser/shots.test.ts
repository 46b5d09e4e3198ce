import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { PHONE, WIDE, hasBrowser, launch, open, type Theme } from "./browser.ts";
import { RealServer } from "./real.ts";
import { signedIn } from "./opening.ts";
import { seed } from "./settings.ts";
import { shop } from "./shop.ts";
import { Wire } from "./wire.ts";

const FOLDER = process.env.TOWPATH_SHOTS ?? "";
const SCREENS = [
  ["overview", "/"],
  ["board", "/p/shop"],
  ["lens", "/p/shop?freight=calm-otter"],
  ["why", "/p/shop?freight=calm-otter&why=web-uat"],
  ["list", "/p/shop?view=list"],
  ["past", `/p/shop?at=${new Date(Date.now() - 86_400_000).toISOString()}`],
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

const SETTINGS = [
  ["settings-general", "/p/shop/settings", "Description"],
  ["settings-promotion", "/p/shop/settings/promotion", "Add a policy"],
  ["settings-objects", "/p/shop/settings/objects", "urls"],
  ["settings-credentials", "/p/shop/settings/credentials", "deploy-key"],
  ["settings-webhooks", "/p/shop/settings/webhooks", "Add a receiver"],
  ["settings-roles", "/p/shop/settings/roles", "movers"],
  ["settings-role", "/p/shop/settings/roles/movers", "Take away"],
  ["settings-edit", "/p/shop/edit/stage/test", "Nothing is changed."],
  ["settings-new", "/p/shop/new/stage", "Review changes"],
  ["settings-tokens", "/settings", "of at most 50"],
  ["settings-system", "/settings/cluster", "Name of the author"],
] as const;

describe.runIf(isWanted)("settings", () => {
  const server = new RealServer();
  beforeAll(async () => {
    await server.start();
    await seed(server);
    await server.ask("POST", "/v1beta1/projects/shop/repo-credentials", JSON.stringify({ name: "deploy-key", type: "git", repoUrl: "https://git.example.com/shop/deploy.git", username: "deployer", password: "x", description: "Writes to the deploy repository" }));
    await server.ask("POST", "/v1beta1/projects/shop/roles", JSON.stringify({ metadata: { name: "movers" }, claims: [{ name: "groups", values: ["release-managers"] }], rules: [{ resources: ["stages"], verbs: ["get", "promote"], resourceNames: ["prod"] }] }));
    await server.ask("POST", "/v1beta1/projects/shop/roles/movers/api-tokens", JSON.stringify({ name: "pipeline", description: "Promotes from CI" }));
    await server.ask("POST", "/towpath/v1/me/tokens", JSON.stringify({ name: "laptop" }));
  });
  afterAll(async () => await server.close());

  const pictures = SETTINGS.flatMap(([name, path, text]) => (["light", "dark"] as const).flatMap((theme) => [WIDE, PHONE].map((viewport) => ({ name, path, text, theme, viewport }))));
  it.each(pictures)("$name, $theme, $viewport.width", async ({ name, path, text, theme, viewport }) => {
    const { page, context, complaints } = await signedIn(browser, server, path, { theme, viewport });
    await page.getByText(text).first().waitFor();
    if (name === "settings-promotion") {
      await page.getByLabel("Stage of policy 1").fill("regex:(");
      await page.getByRole("button", { name: "Review changes" }).click();
      await page.locator("[aria-invalid=true]").waitFor();
    }
    if (name === "settings-new") {
      await page.getByRole("button", { name: "Review changes" }).click();
      await page.getByText("This would be made").waitFor();
    }
    await page.getByText("Loading ").first().waitFor({ state: "detached" });
    await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${viewport.width}.png` });
    await context.close();
    expect(complaints).toEqual([]);
  });
});
