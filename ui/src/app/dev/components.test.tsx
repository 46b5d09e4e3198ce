import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RouterProvider, createMemoryHistory, createRootRoute, createRouter } from "@tanstack/react-router";
import { render, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { standIn } from "@/features/components/standIn.ts";
import { ServicesProvider } from "@/shared/services.ts";
import { Components } from "./Components.tsx";

const SHARED = resolve(import.meta.dirname, "../../shared");

beforeEach(() => {
  // One of them is broken on purpose, which React tells of; and no page is laid out here that could scroll.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
});

/** Much is drawn at once, by a computer that may be busy: milliseconds after which something is wrong. */
const PATIENCE = 30_000;

/** The components that screens share: what files of `shared/` export under a name that begins like one. */
function shared(): string[] {
  const files = readdirSync(SHARED, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx") && !name.endsWith(".test.tsx"));
  return files.flatMap((name) => [...readFileSync(resolve(SHARED, name), "utf8").matchAll(/^export (?:function|class|const) ([A-Z][a-z]\w*)/gm)].map((each) => each[1] ?? ""));
}

async function shown(): Promise<HTMLElement> {
  const router = createRouter({ routeTree: createRootRoute({ component: Components }), history: createMemoryHistory() });
  const { container } = render(
    <ServicesProvider value={standIn({})}>
        <RouterProvider router={router} />
    </ServicesProvider>,
  );
  // Finding by role looks at all of the page, which is long.
  await waitFor(() => expect(container.querySelector("[data-sample]")).not.toBeNull(), { timeout: PATIENCE });
  return container;
}

it("shows every component that screens share, and the guide", async () => {
  const page = await shown();
  const samples = [...page.querySelectorAll("[data-sample]")].map((each) => each.getAttribute("data-sample"));
  expect(samples.sort()).toEqual([...shared(), "GuideCard"].sort());
  // Each has something in it.
  await waitFor(() => {
    for (const each of page.querySelectorAll("[data-sample]")) {
      const name = each.getAttribute("data-sample") ?? "";
      expect(each.querySelector("h2")?.textContent).toBe(name);
      expect([name, each.lastElementChild?.innerHTML === ""]).toEqual([name, false]);
    }
    // What the stand-in answers has come.
    expect(page.querySelectorAll('[data-sample="InboxList"] li')).toHaveLength(4);
    expect(page.querySelectorAll('[data-sample="Remedied"] button')).toHaveLength(4);
    expect(page.querySelector('[data-sample="ManifestForm"] input')).toHaveProperty("value", "prod");
    expect(page.querySelector('[data-sample="WhyPanel"] [data-why="then"]')).not.toBeNull();
    expect(page.querySelector('[data-sample="ActButton"] button:enabled')).not.toBeNull();
  }, { timeout: PATIENCE });
}, 2 * PATIENCE);
