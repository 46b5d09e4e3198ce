import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../time/fakeClock.ts";
import { FORGET, RENEW, SILENT, SharedSource } from "./sharing.ts";
import type { Source, StreamListener, Wants } from "./source.ts";

class Browser {
  readonly clock = new FakeClock();
  readonly connections: { listener: StreamListener; wants: Wants[]; isClosed: boolean; retries: number }[] = [];
  #ports: { run: (message: unknown) => void }[] = [];
  #waiting: (() => void)[] = [];
  #leads = false;

  /** A tab; `crash` takes it away without a word. */
  tab(name: string): { source: SharedSource; told: string[]; crash: () => void; port: { run: (message: unknown) => void } } {
    const told: string[] = [];
    const port: { run: (message: unknown) => void } = { run: () => undefined };
    this.#ports.push(port);
    const leave = () => {
      this.#ports = this.#ports.filter((each) => each !== port);
    };
    const source = new SharedSource(
      {
        clock: this.clock,
        tab: name,
        channel: {
          post: (message) => {
            if (!this.#ports.includes(port)) return;
            for (const each of this.#ports) if (each !== port) each.run(structuredClone(message));
          },
          onMessage: (run) => void (port.run = run),
          close: leave,
        },
        lead: (run) => {
          if (this.#leads) this.#waiting.push(run);
          else {
            this.#leads = true;
            run();
          }
        },
        connect: (listener): Source => {
          const made = { listener, wants: [] as Wants[], isClosed: false, retries: 0 };
          this.connections.push(made);
          return {
            want: (wants) => void made.wants.push(new Map(wants)),
            retry: () => void (made.retries += 1),
            close: () => void (made.isClosed = true),
          };
        },
      },
      {
        connected: (is) => void told.push(is ? "connected" : "broken"),
        heard: () => undefined,
        beat: (rev, _, topics) => void told.push(`beat ${rev} ${topics.join()}`),
        patches: (patches, rev) => void told.push(`${patches.length} at ${rev}`),
        reset: (topic) => void told.push(`reset ${topic}`),
      },
    );
    return { source, told, crash: leave, port };
  }

  /** Have a tab hear and do nothing, though it is there; the answer wakes it. */
  freeze({ port }: { port: { run: (message: unknown) => void } }): () => void {
    const { run } = port;
    port.run = () => undefined;
    return () => void (port.run = run);
  }

  handOver(): void {
    this.#waiting.shift()?.();
  }
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe("ten tabs", () => {
  it("have one connection, for what all of them show", () => {
    const tabs = Array.from({ length: 10 }, (_, place) => browser.tab(`tab ${place}`));
    tabs.forEach(({ source }, place) => source.want(new Map([["overview", 100 - place], [`board:${place}`, place]])));
    expect(browser.connections).toHaveLength(1);
    const wanted = browser.connections[0]?.wants.at(-1);
    expect(wanted?.size).toBe(11);
    expect(wanted?.get("overview")).toBe(91);
  });

  it("are all told what the one hears", () => {
    const [first, second] = [browser.tab("a"), browser.tab("b")];
    const stream = browser.connections[0]?.listener;
    stream?.connected(true);
    stream?.patches([{ t: "overview", k: "moves", set: [] }], 7);
    stream?.beat(8, 0, ["overview"]);
    stream?.reset("overview");
    const all = ["connected", "1 at 7", "beat 8 overview", "reset overview"];
    expect(first.told).toEqual(all);
    expect(second.told).toEqual(all);
  });

  it("that come later are told that there is a connection", () => {
    browser.tab("a");
    browser.connections[0]?.listener.connected(true);
    const late = browser.tab("b");
    late.source.want(new Map([["overview", 1]]));
    expect(late.told).toEqual(["connected"]);
  });

  it("go on when the one that has the connection goes", () => {
    const first = browser.tab("a");
    const second = browser.tab("b");
    second.source.want(new Map([["board:shop", 5]]));
    first.source.close();
    expect(browser.connections[0]?.isClosed).toBe(true);
    browser.handOver();
    expect(browser.connections).toHaveLength(2);
    expect(browser.connections[1]?.wants.at(-1)).toEqual(new Map([["board:shop", 5]]));
  });

  it("that crash are forgotten", async () => {
    const first = browser.tab("a");
    first.source.want(new Map([["overview", 1]]));
    const second = browser.tab("b");
    second.source.want(new Map([["board:shop", 5]]));
    second.crash();
    await browser.clock.pass(FORGET + RENEW);
    expect(browser.connections[0]?.wants.at(-1)).toEqual(new Map([["overview", 1]]));
  });

  it("have the connection tried at once when somebody in any of them asks to", () => {
    browser.tab("a");
    browser.tab("b").source.retry();
    expect(browser.connections[0]?.retries).toBe(1);
  });

  it("have streams of their own while the one that leads hangs, until it is heard again", async () => {
    const leader = browser.tab("a");
    browser.connections[0]?.listener.connected(true);
    const second = browser.tab("b");
    second.source.want(new Map([["board:shop", 5]]));
    await browser.clock.pass(SILENT + RENEW);
    expect(browser.connections).toHaveLength(1);
    const wake = browser.freeze(leader);
    await browser.clock.pass(SILENT + RENEW);
    expect(browser.connections).toHaveLength(2);
    browser.connections[1]?.listener.patches([{ t: "board:shop", k: "stages/prod", set: {} }], 9);
    expect(second.told.at(-1)).toBe("1 at 9");
    wake();
    browser.connections[0]?.listener.heard();
    expect(browser.connections[1]?.isClosed).toBe(true);
  });
});
