import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, settled } from "../time/fakeClock.ts";
import { FIRST_BYTES_WITHIN, LONGEST_RETRY, QUIET_WITHIN, StreamConnection } from "./connection.ts";
import type { Patch } from "./patching.ts";

interface Opened {
  readonly query: URLSearchParams;
  readonly lastId: string;
  send(text: string): Promise<void>;
  end(): Promise<void>;
  readonly isAborted: () => boolean;
}

class Server {
  readonly opened: Opened[] = [];
  readonly polled: URLSearchParams[] = [];
  isDown = false;
  answers: unknown[] = [];

  open(path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<ReadableStream<Uint8Array>> {
    if (this.isDown) return Promise.reject(new TypeError("refused"));
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (each) => void (controller = each) });
    this.opened.push({
      query: new URL(path, "http://x/").searchParams,
      lastId: headers["Last-Event-ID"] ?? "",
      send: async (text) => {
        controller?.enqueue(new TextEncoder().encode(text));
        await settled();
      },
      end: async () => {
        controller?.close();
        await settled();
      },
      isAborted: () => signal.aborted,
    });
    return Promise.resolve(body);
  }

  get<Document>(path: string, signal?: AbortSignal): Promise<Document> {
    this.polled.push(new URL(path, "http://x/").searchParams);
    const next = this.answers.shift();
    if (next !== undefined) return Promise.resolve(next as Document);
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  }
}

let clock: FakeClock;
let server: Server;
let connection: StreamConnection;
let heard: string[];
let patches: [readonly Patch[], number][];

beforeEach(() => {
  clock = new FakeClock();
  server = new Server();
  heard = [];
  patches = [];
  connection = new StreamConnection(
    { open: (...given) => server.open(...given), get: (...given) => server.get(...given), clock, random: () => 1 },
    {
      connected: (is) => void heard.push(is ? "connected" : "broken"),
      heard: () => undefined,
      beat: (rev) => void heard.push(`beat ${rev}`),
      patches: (each, rev) => void patches.push([each, rev]),
      reset: (topic) => void heard.push(`reset ${topic}`),
    },
  );
});

const beat = (rev: number) => `event: beat\ndata: {"rev":${rev},"at":"2026-11-29T15:00:00Z"}\n\n`;
const PATCH = `id: 12\nevent: patch\ndata: {"t":"board:shop","k":"stages/dev","set":{"behind":3}}\n\n`;

describe("a stream", () => {
  it("is opened for what is wanted, and tells of patches, beats and resets", async () => {
    connection.want(new Map([["overview", 8], ["board:shop", 10]]));
    await settled();
    expect(server.opened[0]?.query.get("topics")).toBe("board:shop,overview");
    expect(server.opened[0]?.query.get("after")).toBe("8");
    await server.opened[0]?.send(PATCH.slice(0, 20));
    await server.opened[0]?.send(PATCH.slice(20) + beat(13) + 'event: reset\ndata: {"t":"overview"}\n\n');
    expect(patches).toEqual([[[{ t: "board:shop", k: "stages/dev", set: { behind: 3 } }], 12]]);
    expect(heard).toEqual(["connected", "beat 13", "reset overview"]);
  });

  it("is resumed where it broke, sooner than in three seconds", async () => {
    connection.want(new Map([["overview", 8]]));
    await settled();
    await server.opened[0]?.send(PATCH + beat(20));
    server.isDown = true;
    await server.opened[0]?.end();
    expect(heard.at(-1)).toBe("broken");
    await clock.pass(60_000);
    server.isDown = false;
    await clock.pass(LONGEST_RETRY);
    expect(server.opened).toHaveLength(2);
    expect(server.opened[1]?.lastId).toBe("20");
  });

  it("stays open when the same is wanted again, and reaches back for what is new alone", async () => {
    connection.want(new Map([["overview", 8]]));
    await settled();
    await server.opened[0]?.send(beat(50));
    connection.want(new Map([["overview", 8]]));
    expect(server.opened).toHaveLength(1);
    connection.want(new Map([["overview", 8], ["board:shop", 49]]));
    await settled();
    expect(server.opened[0]?.isAborted()).toBe(true);
    expect(server.opened[1]?.query.get("after")).toBe("49");
    connection.want(new Map([["board:shop", 49]]));
    await settled();
    expect(server.opened[2]?.query.get("after")).toBe("49");
  });

  it("that goes quiet is given up and opened again", async () => {
    connection.want(new Map([["overview", 8]]));
    await settled();
    await server.opened[0]?.send(beat(9));
    await clock.pass(QUIET_WITHIN);
    expect(server.opened[0]?.isAborted()).toBe(true);
    await clock.pass(LONGEST_RETRY);
    expect(server.opened).toHaveLength(2);
  });

  it("that something in between holds back is replaced by asking, and tried again later", async () => {
    server.answers = [{ rev: 30, at: "2026-11-29T15:00:00Z", patches: [{ t: "overview", k: "moves", set: [] }], reset: ["board:shop"] }];
    connection.want(new Map([["overview", 8]]));
    await clock.pass(FIRST_BYTES_WITHIN + LONGEST_RETRY);
    await clock.pass(FIRST_BYTES_WITHIN + LONGEST_RETRY);
    expect(server.opened).toHaveLength(2);
    expect(server.polled.map((each) => each.get("after"))).toEqual(["8", "30"]);
    expect(server.polled[0]?.get("wait")).toBe("25");
    expect(patches[0]?.[1]).toBe(30);
    expect(heard).toEqual(expect.arrayContaining(["connected", "reset board:shop", "beat 30"]));
  });
});
