/** Settings on a real server: edited as form and as text, tried before they are saved, and nothing that was typed is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { hasFocus } from "./acting.ts";
import { hasBrowser, launch, readable } from "./browser.ts";
import { RealServer } from "./real.ts";
import { enter, goTo, signedIn } from "./opening.ts";
import { CONFIG, config, policies, seed, tokenOf } from "./settings.ts";

const PROMOTION = "/p/shop/settings/promotion";
let browser: Browser;
const server = new RealServer();
const isPossible = hasBrowser();

const area = (page: Page) => page.getByLabel(/as YAML$/);
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const asText = async (page: Page) => {
  await button(page, "YAML").click();
  await area(page).waitFor();
};

describe.runIf(isPossible)("settings", () => {
  beforeAll(async () => {
    browser = await launch();
    await server.start();
    await seed(server);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => await config(server, ["test"]));

  it("a policy is added in the form, tried by the server, shown as what would change, and saved", async () => {
    const { page, context, complaints } = await signedIn(browser, server, PROMOTION);
    await button(page, "Add a policy").click();
    await page.getByLabel("Stage of policy 2").fill("glob:prod-*");
    await button(page, "Review changes").click();
    await page.getByRole("region", { name: "What would change" }).getByText("glob:prod-*").waitFor();
    await expect.poll(() => policies(server)).toEqual(["test"]);
    await button(page, "Save").click();
    await page.getByText("Saved.").waitFor();
    await expect.poll(() => policies(server)).toEqual(["test", "glob:prod-*"]);
    await asText(page);
    await expect.poll(() => area(page).inputValue()).not.toMatch(/status|managedFields|resourceVersion|uid/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("a window is added in the form, which says what it does, and its Stages are given back", async () => {
    const { page, context, complaints } = await signedIn(browser, server, PROMOTION);
    await page.getByText("nothing is promoted to its Stages").waitFor();
    await button(page, "Add a window").click();
    await page.getByLabel("Stages of window 1").fill("glob:prod-*");
    await button(page, "Review changes").click();
    await page.locator("[aria-invalid=true]").first().waitFor();
    await expect.poll(() => page.getByLabel("Name of window 1").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Name of window 1").fill("no-fridays");
    await page.getByLabel("Recurs: window 1").fill("FREQ=WEEKLY;BYDAY=FR");
    await page.getByLabel("Begins: window 1").fill("TZID=Europe/Paris:20260102T000000");
    await page.getByLabel("Ends: window 1").fill("TZID=Europe/Paris:20260103T000000");
    await page.getByLabel("Stages of window 1").fill("");
    await button(page, "Review changes").click();
    await button(page, "Save").click();
    await page.getByText("Saved.").waitFor();
    const found = await server.ask<{ spec: { promotionWindows?: unknown } }>("GET", CONFIG);
    expect(found.spec.promotionWindows).toEqual([{ name: "no-fridays", kind: "Deny", rrule: "FREQ=WEEKLY;BYDAY=FR", dtstart: "TZID=Europe/Paris:20260102T000000", dtend: "TZID=Europe/Paris:20260103T000000" }]);
    await expect.poll(() => policies(server)).toEqual(["test"]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("what the server finds wrong stands at the field, and on the line, by keys alone", async () => {
    const { page, context } = await signedIn(browser, server, PROMOTION);
    await page.getByLabel("Stage of policy 1").fill("regex:(");
    await button(page, "Review changes").click();
    await page.locator("[aria-invalid=true]").waitFor();
    await expect.poll(() => page.getByLabel("Stage of policy 1").getAttribute("aria-invalid")).toBe("true");
    await asText(page);
    await area(page).focus();
    await page.keyboard.press("Control+Enter");
    const mark = page.getByRole("button", { name: /^Line \d+$/ });
    await mark.waitFor();
    await mark.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => area(page).evaluate((each: HTMLTextAreaElement) => each.value.slice(each.selectionStart, each.selectionEnd))).toContain("regex:(");
    await expect.poll(() => policies(server)).toEqual(["test"]);
    await context.close();
  });

  it("text that cannot be read says on which line, and goes nowhere", async () => {
    const { page, context } = await signedIn(browser, server, PROMOTION);
    await asText(page);
    await area(page).fill(`${await area(page).inputValue()}  odd: [1,\n`);
    await page.getByRole("button", { name: /^Line \d+$/ }).waitFor();
    await expect.poll(() => button(page, "Review changes").isDisabled()).toBe(true);
    await expect.poll(() => button(page, "Form").isDisabled()).toBe(true);
    await context.close();
  });

  it("what was typed outlives what somebody else saves, and both can be kept", async () => {
    await config(server, ["test", "uat", "prod"]);
    const { page, context } = await signedIn(browser, server, PROMOTION);
    await asText(page);
    const before = await area(page).inputValue();
    const mine = before.replace("name: test", "name: glob:test-*");
    await area(page).fill(mine);
    await config(server, ["test", "uat", "prod", "dr"]);
    const changed = page.getByRole("alert", { name: "Changed meanwhile" });
    await changed.waitFor();
    await expect.poll(() => area(page).inputValue()).toBe(mine);
    await changed.getByRole("table", { name: "What they changed" }).getByText("name: dr").waitFor();
    await changed.getByRole("table", { name: "What yours would change of theirs" }).getByText("glob:test-*").waitFor();
    await expect.poll(() => button(page, "Review changes").isDisabled()).toBe(true);
    await button(page, "Put my changes on top of theirs").click();
    await button(page, "Review changes").click();
    await button(page, "Save").click();
    await page.getByText("Saved.").waitFor();
    await expect.poll(() => policies(server)).toEqual(["glob:test-*", "uat", "prod", "dr"]);
    await context.close();
  });

  it("a change that nobody has looked at yet is never written over: saving shows theirs and mine", async () => {
    const { page, context } = await signedIn(browser, server, PROMOTION);
    await page.getByLabel("Stage of policy 1").fill("mine");
    await button(page, "Review changes").click();
    await button(page, "Save").waitFor();
    await config(server, ["theirs"]);
    await button(page, "Save").click();
    await page.getByRole("alert", { name: "Changed meanwhile" }).waitFor();
    await expect.poll(() => page.getByLabel("Stage of policy 1").inputValue()).toBe("mine");
    await expect.poll(() => policies(server)).toEqual(["theirs"]);
    await expect.poll(() => button(page, "Put my changes on top of theirs").count()).toBe(0);
    await button(page, "Take theirs, drop mine").click();
    await expect.poll(() => page.getByLabel("Stage of policy 1").inputValue()).toBe("theirs");
    await context.close();
  });

  it("what was typed outlives a reload and a session that ends, and is gone with who signs out", async () => {
    const token = await tokenOf(server, "kargo-admin", "short-lived");
    const { page, context } = await signedIn(browser, server, PROMOTION, { token });
    await page.getByLabel("Stage of policy 1").fill("typed");
    await server.ask("DELETE", "/v1beta1/projects/shop/api-tokens/short-lived");
    await button(page, "Review changes").click();
    await page.getByRole("dialog", { name: "Sign in again" }).waitFor();
    await enter(page, server.token);
    await expect.poll(() => page.getByLabel("Stage of policy 1").inputValue()).toBe("typed");
    await page.getByLabel("Stage of policy 1").fill("typed on");
    await page.reload();
    await enter(page, server.token);
    await page.getByText("is back").waitFor();
    await expect.poll(() => page.getByLabel("Stage of policy 1").inputValue()).toBe("typed on");
    await page.getByRole("button", { name: /^Signed in/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("dialog").waitFor();
    await expect.poll(() => readable(page)).not.toContain("typed on");
    await context.close();
  });

  it("who may not change it sees it, and which right is missing", async () => {
    const token = await tokenOf(server, "kargo-viewer", `viewer-${Date.now()}`);
    const { page, context } = await signedIn(browser, server, PROMOTION, { token });
    await page.getByText("You need the right to update projectconfigs in shop").first().waitFor();
    await expect.poll(() => page.getByLabel("Stage of policy 1").isDisabled()).toBe(true);
    await asText(page);
    await expect.poll(() => area(page).getAttribute("readonly")).not.toBeNull();
    await context.close();
  });

  it("every template for a new object is one that the server takes, and a Stage is edited as text", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop/settings/objects");
    for (const kind of ["warehouse", "stage", "promotiontask", "analysistemplate", "configmap", "messagechannel", "eventrouter", "stagehook"]) {
      await goTo(page, `/p/shop/new/${kind}`);
      await page.getByLabel(new RegExp(`^${kind} .*as YAML$`, "i")).waitFor();
      await button(page, "Review changes").click();
      await page.getByRole("heading", { name: "This would be made" }).or(page.getByText("The server refuses it")).first().waitFor();
      const wrong = page.locator("[role=alert]:not(:empty), main [aria-describedby] ~ ul, main ul[id] li");
      await expect.poll(() => wrong.allTextContents(), { message: kind }).toEqual([]);
    }
    await goTo(page, "/p/shop/edit/stage/test");
    await page.getByLabel("Stage test as YAML").waitFor();
    await area(page).fill((await area(page).inputValue()).replace("labels: {}", "labels:\n    tier: one"));
    await page.keyboard.press("Control+Enter");
    await button(page, "Save").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByText("Saved.").waitFor();
    const found = await server.ask<{ metadata: { labels?: Record<string, string> } }>("GET", "/v1beta1/projects/shop/stages/test");
    expect(found.metadata.labels?.tier).toBe("one");
    await context.close();
  });

  it("a Project is made from its template, described, and deleted by who types its name", async () => {
    const { page, context } = await signedIn(browser, server, "/new/project");
    await area(page).fill((await area(page).inputValue()).replace("my-project", "made-here"));
    await button(page, "Review changes").click();
    await button(page, "Save").click();
    await page.waitForURL(/\/p\/made-here\/settings\/objects$/);
    await page.getByRole("link", { name: "General" }).click();
    await page.getByLabel("Description").fill("Made in a test");
    await button(page, "Review changes").click();
    await button(page, "Save").click();
    await page.getByText("Saved.").waitFor();
    const found = await server.ask<{ metadata: { annotations: Record<string, string> } }>("GET", "/v1beta1/projects/made-here");
    expect(found.metadata.annotations["kargo.akuity.io/description"]).toBe("Made in a test");
    await button(page, "Delete this Project…").click();
    await expect.poll(() => button(page, "Delete made-here").isDisabled()).toBe(true);
    await hasFocus(page.getByRole("textbox", { name: /made-here/ }));
    await page.keyboard.type("made-here");
    await button(page, "Delete made-here").click();
    await page.waitForURL((url) => url.pathname === "/");
    await context.close();
  });
});
