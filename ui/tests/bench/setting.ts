/** Where it is measured: large worlds on servers of their own, a browser, and pages of somebody who is signed in. */
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import type { WireBoard } from "../../src/shared/api/documents.ts";
import { WIDE } from "../browser/browser.ts";
import type { RealServer } from "../browser/real.ts";
import { observe } from "./observing.ts";

export const PROJECT = "w500";
export const BOARD = `/p/${PROJECT}`;

export interface Network {
  /** Bits in a second, both ways, and milliseconds there and back. */
  readonly bits: number;
  readonly latency: number;
}

export const SLOW: Network = { bits: 4_000_000, latency: 100 };

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly cdp: CDPSession;
  /** Bytes as they came over the wire, by kind, and how many were asked for. */
  readonly loaded: { requests: number; script: number; style: number; document: number; other: number };
}

export interface VisitOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly network?: Network;
  /** Through which address; the server's own where none is said. */
  readonly url?: string;
  /** Visit in a browser that knows the page already. */
  readonly context?: BrowserContext;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** A page of somebody whose browser is signed in: with each request goes the token, as a cookie would. */
export async function visit(browser: Browser, server: RealServer, path: string, options: VisitOptions = {}): Promise<Visit> {
  const context = options.context ?? (await browser.newContext({ viewport: options.viewport ?? WIDE, extraHTTPHeaders: { Authorization: `Bearer ${server.token}` } }));
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  const loaded = { requests: 0, script: 0, style: 0, document: 0, other: 0 };
  const kinds = new Map<string, string>();
  await cdp.send("Network.enable");
  cdp.on("Network.responseReceived", (each) => kinds.set(each.requestId, each.type));
  cdp.on("Network.loadingFinished", (each) => {
    loaded.requests += 1;
    loaded[kindOf(kinds.get(each.requestId) ?? "")] += each.encodedDataLength;
  });
  if (options.network !== undefined) {
    const each = options.network.bits / 8;
    await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: options.network.latency, downloadThroughput: each, uploadThroughput: each });
  }
  await observe(page);
  await options.prepare?.(page);
  await page.goto((options.url ?? server.url) + path, { waitUntil: "commit" });
  return { context, page, cdp, loaded };
}

function kindOf(type: string): "script" | "style" | "document" | "other" {
  if (type === "Script") return "script";
  if (type === "Stylesheet") return "style";
  return type === "Document" ? "document" : "other";
}

export const board = (server: RealServer) => server.ask<WireBoard>("GET", `/towpath/v1/projects/${PROJECT}/board`);

/** Wait until the controllers have looked at everything once: the board's revision stays for a while. */
export async function settled(server: RealServer): Promise<void> {
  let [last, times] = [0, 0];
  for (let tries = 0; tries < 90 && times < 4; tries += 1) {
    const { rev } = await board(server);
    times = rev === last ? times + 1 : 0;
    last = rev;
    await pause(1_000);
  }
}

/** Real time, for what is measured over a while. */
export const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

export const heap = async (visit: Visit): Promise<number> => {
  await visit.cdp.send("HeapProfiler.enable");
  await visit.cdp.send("HeapProfiler.collectGarbage");
  await visit.cdp.send("Performance.enable");
  const { metrics } = await visit.cdp.send("Performance.getMetrics");
  return (metrics.find((each) => each.name === "JSHeapUsedSize")?.value ?? Number.NaN) / 1024 / 1024;
};
