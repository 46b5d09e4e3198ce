/** Why it does not go there, told before anybody presses anything: twelve kinds of gate that are shut, in one wording everywhere. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Browser } from "playwright-core";
import { hasBrowser, launch } from "./browser.ts";
import { goTo, signedIn } from "./opening.ts";
import { RealServer } from "./real.ts";

const KARGO = "kargo.akuity.io/v1alpha1";
const DONE = [{ uses: "compose-output", config: { done: true } }];
/** Of the kinds of gate that can be had without waiting, so many are shut somewhere in this world. */
const KINDS = 12;

let browser: Browser;
const server = new RealServer();
const isPossible = hasBrowser();

const warehouse = (name: string) => ({
  apiVersion: KARGO,
  kind: "Warehouse",
  metadata: { name, namespace: "shop" },
  spec: { interval: "24h", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: `registry.invalid/shop/${name}` } }] },
});
const stage = (name: string, sources: object, steps: object[] | null = DONE) => ({
  apiVersion: KARGO,
  kind: "Stage",
  metadata: { name, namespace: "shop" },
  spec: { requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources }], ...(steps === null ? {} : { promotionTemplate: { spec: { steps } } }) },
});
const freight = (alias: string, created: string, origin = "web") => ({
  apiVersion: KARGO,
  kind: "Freight",
  alias,
  metadata: { namespace: "shop", creationTimestamp: created },
  origin: { kind: "Warehouse", name: origin },
  images: [{ repoURL: `registry.invalid/shop/${origin}`, tag: alias, digest: `sha256:${alias.charCodeAt(0).toString(16).repeat(32)}` }],
});

async function move(kind: string, body: object): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await server.ask<{ refused: number; targets: { error?: string }[] }>("POST", "/towpath/v1/projects/shop/moves", JSON.stringify({ kind, ...body }));
      expect([found.refused, found.targets.map((each) => each.error)]).toEqual([0, found.targets.map(() => undefined)]);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** Where each is asked about: a Stage and the Freight, by its alias. */
const ASKED = [
  ["flow", "old"],
  ["other", "stray"],
  ["test", "bad"],
  ["prod", "new"],
  ["soaking", "old"],
  ["tasked", "old"],
  ["test", "old"],
  ["broken", "new"],
  ["failing", "old"],
  ["matching", "new"],
  ["orphan", "old"],
  ["test", "new"],
] as const;

interface Told {
  readonly gates: readonly { readonly name: string; readonly open: boolean; readonly reason: string }[];
}

/** Without times that go on while it is compared, and without how lines are broken. */
const still = (text: string): string => text.replace(/; the next look is at \S+/g, "").replace(/\d+/g, "0").replace(/\s+/g, " ");

/** Of what a Warehouse met the part that every look words alike, up to the subscription: page and command may be told of different looks. */
const lasting = (reason: string): string => /^Warehouse [^)]+\)/.exec(reason)?.[0] ?? reason;

describe.runIf(isPossible)("on a real server in which much is shut", () => {
  beforeAll(async () => {
    browser = await launch();
    await server.start();
    await server.apply(
      { apiVersion: KARGO, kind: "Project", metadata: { name: "shop" } },
      { apiVersion: KARGO, kind: "ProjectConfig", metadata: { name: "shop", namespace: "shop" }, spec: { promotionPolicies: [{ stageSelector: { name: "matching" }, autoPromotionEnabled: true }] } },
      warehouse("web"),
      warehouse("other"),
      stage("test", { direct: true }),
      stage("prod", { stages: ["test"] }),
      stage("flow", { direct: true }, null),
      stage("other", { direct: true }),
      stage("soaking", { stages: ["test"], requiredSoakTime: "48h" }),
      stage("broken", { direct: true }, [{ uses: "no-such-step" }]),
      stage("failing", { direct: true }, [{ uses: "fail", config: { message: "no" } }]),
      stage("matching", { stages: ["test"], autoPromotionOptions: { selectionPolicy: "MatchUpstream" } }),
      stage("orphan", { stages: ["nowhere"] }),
      stage("tasked", { direct: true }, [{ task: { name: "missing" } }]),
    );
    await server.apply(freight("old", "2026-11-01T00:00:00Z"), freight("new", "2026-11-02T00:00:00Z"), freight("bad", "2026-11-03T00:00:00Z"), freight("stray", "2026-11-03T00:00:00Z", "other"));
    await move("promote", { stages: ["test"], freight: "old" });
    await move("promote", { stages: ["failing"], freight: "old" });
    await move("quarantine", { freight: "bad", reason: "it leaks" });
    await vi.waitFor(
      async () => {
        for (const name of ["soaking", "failing"]) {
          const told = await server.ask<Told>("GET", `/towpath/v1/projects/shop/stages/${name}/explain?freight=old`);
          const shut = told.gates.filter((each) => !each.open).map((each) => each.name);
          expect(shut).toContain(name === "soaking" ? "soaked" : "tried");
        }
      },
      { timeout: 60_000, interval: 300 },
    );
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("the page, the server and the command give the same reasons", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop");
    const kinds = new Set<string>();
    for (const [where, of] of ASKED) {
      const told = await server.ask<Told>("GET", `/towpath/v1/projects/shop/stages/${where}/explain?freight=${of}`);
      const command = still(await server.run("explain", where, "--project", "shop", "--freight", of));
      await goTo(page, `/p/shop?why=${where}&freight=${of}`);
      const panel = page.getByRole("complementary").filter({ has: page.getByRole("heading", { name: where, exact: true }) });
      await panel.locator("[data-why=summary]").waitFor();
      for (const gate of told.gates.filter((each) => !each.open)) {
        kinds.add(gate.name);
        const said = still(lasting(gate.reason));
        await expect.poll(async () => still(await panel.innerText()), { message: `${gate.name} of ${where}` }).toContain(said);
        expect(command, `${gate.name} of ${where}`).toContain(said);
      }
    }
    expect([...kinds].sort(), "kinds of gate").toHaveLength(Math.max(KINDS, kinds.size));
    await context.close();
  });

  it("names what says so, with the way there", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop?why=failing&freight=old");
    await page.locator("[data-gate=tried] [data-evidence] a").first().click();
    await page.waitForURL(/\/p\/shop\/promotion\/failing\./);
    await context.close();
  });

  it("says who can open a gate, and leads to the sheet that does", async () => {
    const { page, context } = await signedIn(browser, server, "/p/shop?why=soaking&freight=old");
    const gate = page.locator("[data-gate=soaked]");
    await gate.locator("[data-who]").waitFor();
    await gate.locator("[data-remedy=approve]").click();
    await page.locator("[data-move=approve]").getByRole("button", { name: "Approve for soaking" }).waitFor();
    await context.close();
  });
});
