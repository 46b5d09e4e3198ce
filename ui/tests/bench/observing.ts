/** What is looked at inside the page: these functions run there, and know nothing of this file. */
import type { Page } from "playwright-core";

export interface Observed {
  /** When the first cell was there, and when it had answered a key: milliseconds after the page was asked for. */
  painted: number;
  answered: number;
  longTasks: number[];
  /** Of each interaction, from the press to what it painted. */
  interactions: { name: string; duration: number }[];
  frames: number[];
}

declare global {
  interface Window {
    observed: Observed & { isCounting: boolean };
  }
}

/** Have everything looked at from before the page's own scripts run. */
export async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const observed: Window["observed"] = { painted: 0, answered: 0, longTasks: [], interactions: [], frames: [], isCounting: false };
    window.observed = observed;
    new PerformanceObserver((list) => observed.longTasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: "longtask", buffered: true });
    const byId = new Map<number, { name: string; duration: number }>();
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId?: number })[]) {
        const id = entry.interactionId ?? 0;
        if (id === 0) continue;
        const known = byId.get(id);
        if (known === undefined) {
          const made = { name: entry.name, duration: entry.duration };
          byId.set(id, made);
          observed.interactions.push(made);
        } else known.duration = Math.max(known.duration, entry.duration);
      }
    }).observe({ type: "event", buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
    let last = performance.now();
    const frame = (now: number) => {
      if (observed.isCounting) observed.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

/** Press a key on the first cell as soon as there is one, and note when the focus has moved. */
export async function tryKeys(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let from: Element | null = null;
    const tick = () => {
      const cell = document.querySelector<HTMLElement>("[role=gridcell][tabindex='0']");
      if (cell !== null && from === null) {
        window.observed.painted = performance.now();
        cell.focus();
        from = cell;
      }
      if (from !== null && document.activeElement !== from && document.activeElement?.hasAttribute("data-place") === true) {
        window.observed.answered = performance.now();
        return;
      }
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
      requestAnimationFrame(tick);
    };
    document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(tick));
  });
}

export const observed = (page: Page): Promise<Observed> => page.evaluate(() => window.observed);

/** Count frames, and tasks that are long, while something is done. */
export async function counted(page: Page, run: () => Promise<void>): Promise<{ frames: number[]; longTasks: number[] }> {
  await page.evaluate(() => {
    window.observed.frames = [];
    window.observed.longTasks = [];
    window.observed.isCounting = true;
  });
  await run();
  return await page.evaluate(async () => {
    window.observed.isCounting = false;
    // Observers are told a moment later.
    await new Promise((done) => setTimeout(done, 100));
    return { frames: window.observed.frames, longTasks: window.observed.longTasks };
  });
}
