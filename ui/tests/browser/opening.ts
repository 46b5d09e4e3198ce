/** How tests begin: a page of somebody who has signed in to a real server, or one that is answered by a wire. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Browser, Page } from "playwright-core";
import { WIDE, launch, open, type Opened, type Theme } from "./browser.ts";
import { shop } from "./shop.ts";
import { Wire } from "./wire.ts";

export interface SignedInOptions {
  /** Of whom; the administrator's where none is given. */
  readonly token?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: Theme;
}

/** Sign in where the page asks for it, and wait until it is live. */
export async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Sign in with the token" }).click();
  await page.locator("[data-liveness=live]").waitFor();
}

export async function signedIn(browser: Browser, server: { readonly url: string; readonly token: string }, path: string, options: SignedInOptions = {}): Promise<Opened> {
  const opened = await open(browser, { viewport: options.viewport ?? WIDE, theme: options.theme ?? "light" });
  await opened.page.goto(server.url + path);
  await enter(opened.page, options.token ?? server.token);
  return opened;
}

/** Go elsewhere within the page that is open, as its links do. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => history.pushState(null, "", to), path);
  await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
}

export interface Wired {
  readonly browser: Browser;
  /** The wire of the test that runs. */
  readonly wire: Wire;
}

/** A browser for the tests of a `describe`, and for each of them a wire of its own; call it where they are declared. */
export function wired(documents: () => Record<string, unknown> = shop): Wired {
  let browser: Browser | undefined;
  let wire: Wire | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => await browser?.close());
  beforeEach(async () => {
    const made = await Wire.start();
    made.answering.documents = documents();
    wire = made;
    return async () => await made.close();
  });
  return {
    get browser() {
      return there(browser);
    },
    get wire() {
      return there(wire);
    },
  };
}

function there<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error("it is there while a test runs");
  return thing;
}
