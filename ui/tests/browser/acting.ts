/** What people do on a page, as tests do it: confirm a move, press keys and see where the focus is, count what it took. */
import { expect } from "vitest";
import type { Locator, Page } from "playwright-core";

export const cell = (page: Page, stage: string) => page.locator(`[data-place="stage:${stage}"]`);

/** Wait until the plan is made and the sheet may be confirmed, by a button that says so. */
export async function ready(page: Page, words: string): Promise<void> {
  await page.locator("[data-plan=made]").waitFor();
  await page.locator("[data-confirm]:enabled").and(page.getByRole("button", { name: words, exact: true })).waitFor();
}

/** Wait until the focus is in a dialog: keys that are pressed before go to what is below it. */
export const isInDialog = (page: Page) => page.waitForFunction(() => document.activeElement?.closest("[role=dialog]") !== null && document.activeElement !== document.body);

/** Wait until the focus is where it is looked for. */
export const hasFocus = (place: Locator) => expect.poll(() => place.evaluate((each) => each === document.activeElement), { message: "whether it has the focus" }).toBe(true);

/** Press Escape, which puts the card of the Stage in focus away and nothing else. It comes a moment after the focus: it is waited for. */
export async function putCardAway(page: Page): Promise<void> {
  const card = page.getByRole("tooltip");
  await card.waitFor();
  await press(page, "Escape");
  await card.waitFor({ state: "detached" });
}

/** Wait until the Promotion that the sheet has made has succeeded. */
export const succeeded = (page: Page) => page.locator("[data-promotion] [data-phase=Succeeded]").waitFor();

export interface Focused {
  readonly tag: string;
  readonly id: string;
  /** Of a place on the board: `stage:prod`. */
  readonly place: string;
  /** What is to be read of it. */
  readonly text: string;
  readonly outline: string;
}

export const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const text = element.getAttribute("aria-label") ?? element.textContent;
    return { tag: element.tagName, id: element.id, place: element.getAttribute("data-place") ?? "", text: text.trim(), outline: getComputedStyle(element).outlineStyle };
  });

/** Press a key, as who has no mouse: the focus is somewhere, and to be seen, afterwards. */
export async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  const state = async () => {
    const { tag, outline } = await focused(page);
    return { key, isNowhere: tag === "BODY", isUnseen: outline === "none" };
  };
  await expect.poll(state).toEqual({ key, isNowhere: false, isUnseen: false });
}

/** Press a key until the focus is where it is wanted. Throws where the key does not lead there. */
export async function pressUntil(page: Page, key: string, isThere: (found: Focused) => boolean): Promise<void> {
  for (let times = 0; times < 80; times += 1) {
    await press(page, key);
    if (isThere(await focused(page))) return;
  }
  throw new Error(`${key} does not lead there`);
}

/** What can be pressed in a part of the page, and is lower or narrower than a thumb: 44 pixels. */
export async function small(page: Page, within: string): Promise<readonly string[]> {
  const found = await page.locator(within).locator("button, select, input:not([type=checkbox]), textarea, summary").evaluateAll((all) =>
    all.flatMap((each) => {
      const box = each.getBoundingClientRect();
      return box.width > 0 && (box.height < 43.5 || box.width < 43.5) ? [`${each.textContent || each.outerHTML.slice(0, 120)}: ${Math.round(box.width)}×${Math.round(box.height)}`] : [];
    }),
  );
  return found;
}

/** Whether all of what has the focus lies below something else, such as a bar that sticks: WCAG 2.2, 2.4.11. */
export const obscured = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "";
    const { left, top, width, height } = element.getBoundingClientRect();
    const shares = [0.1, 0.5, 0.9];
    const isSeen = shares.some((across) => shares.some((down) => element.contains(document.elementFromPoint(left + width * across, top + height * down))));
    return isSeen ? "" : element.outerHTML.slice(0, 160);
  });

export interface Presses {
  /** How many since it was begun, or since `anew`. */
  readonly count: () => Promise<number>;
  readonly anew: () => Promise<void>;
}

/**
 * Count what it takes: each press of the pointer, each Enter, and each letter that is a shortcut. What is typed into a field is not
 * counted, nor is what opens the search, nor arrows and Tab, which are to keys what moving is to the pointer.
 */
export async function presses(page: Page): Promise<Presses> {
  await page.evaluate(() => {
    const counted = window as unknown as { presses: number };
    counted.presses = 0;
    addEventListener("pointerdown", () => (counted.presses += 1), true);
    addEventListener(
      "keydown",
      (event) => {
        const isInField = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
        const isLetter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !isInField;
        if (event.key === "Enter" || isLetter) counted.presses += 1;
      },
      true,
    );
  });
  return {
    count: () => page.evaluate(() => (window as unknown as { presses: number }).presses),
    anew: () => page.evaluate(() => void ((window as unknown as { presses: number }).presses = 0)),
  };
}
