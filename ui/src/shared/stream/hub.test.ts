import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../time/fakeClock.ts";
import { DocumentHub, HIDDEN_AFTER, KEPT_UNSHOWN } from "./hub.ts";
import { STALE_AFTER } from "./liveness.ts";
import type { Document } from "./patching.ts";
import type { Source, StreamListener, Wants } from "./source.ts";

const TOPIC = "board:shop";

interface World {
  clock: FakeClock;
  hub: DocumentHub;
  stream: StreamListener;
  wants: Wants[];
  retries: number;
  asked: string[];
  answers: (Document | Error)[];
  times: number[];
}

let world: World;

beforeEach(() => {
  const clock = new FakeClock();
  const made: Partial<World> & Pick<World, "wants" | "asked" | "answers" | "times"> = { clock, wants: [], asked: [], answers: [], times: [], retries: 0 };
  const source: Source = {
    want: (wants) => void made.wants.push(wants),
    retry: () => void (made.retries = (made.retries ?? 0) + 1),
    close: () => undefined,
  };
  made.hub = new DocumentHub({
    clock,
    load: (topic) => {
      made.asked.push(topic);
      const answer = made.answers.shift() ?? new Error("nothing is left to answer with");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    source: (listener) => {
      made.stream = listener;
      return source;
    },
    frame: (run) => clock.after(16, run),
    onServerTime: (at) => void made.times.push(at),
  });
  world = made as World;
  world.hub.open();
});

const board = (rev: number, behind = 0): Document => ({ rev, at: "", stages: [{ name: "dev", behind }, { name: "prod", col: 1 }] });
const stages = () => world.hub.get(TOPIC).document?.stages;
const patch = (set: unknown, name = "dev") => ({ t: TOPIC, k: `stages/${name}`, set });

async function shown(rev = 10): Promise<() => void> {
  world.answers.push(board(rev));
  const leave = world.hub.show(TOPIC);
  await world.clock.pass(0);
  return leave;
}

describe("documents", () => {
  it("are asked for once while it is found out who asks, and anew for whoever comes next", async () => {
    await shown();
    world.hub.open();
    expect(world.asked).toEqual([TOPIC]);
    world.hub.shut(true);
    world.answers.push(board(11));
    world.hub.open();
    await world.clock.pass(0);
    expect([world.asked.length, world.hub.get(TOPIC).document?.rev]).toEqual([2, 11]);
  });

  it("are asked for when they are shown, and the stream is wanted from their revision on", async () => {
    await shown(10);
    expect(world.hub.get(TOPIC).document?.rev).toBe(10);
    expect(world.wants.at(-1)).toEqual(new Map([[TOPIC, 10]]));
  });

  it("take patches, all of one frame together and at most four times a second", async () => {
    await shown();
    let told = 0;
    world.hub.subscribe(() => (told += 1));
    world.stream.patches([patch({ behind: 1 })], 11);
    world.stream.patches([patch({ behind: 2 })], 12);
    await world.clock.pass(16);
    expect(stages()).toEqual([{ name: "dev", behind: 2 }, { name: "prod", col: 1 }]);
    expect(told).toBe(1);
    world.stream.patches([patch({ behind: 3 })], 13);
    await world.clock.pass(100);
    expect(told).toBe(1);
    await world.clock.pass(200);
    expect(told).toBe(2);
    expect(world.hub.get(TOPIC).document?.rev).toBe(13);
  });

  it("pass over patches that they hold already", async () => {
    await shown(10);
    world.stream.patches([patch({ behind: 9 })], 10);
    await world.clock.pass(20);
    expect(stages()).toContainEqual({ name: "dev", behind: 0 });
  });

  it("keep patches that come before the answer does", async () => {
    await shown(10);
    world.answers.push(board(20));
    world.stream.reset(TOPIC);
    world.stream.patches([patch({ behind: 4 })], 21);
    await world.clock.pass(20);
    expect(stages()).toContainEqual({ name: "dev", behind: 4 });
    expect(world.asked).toEqual([TOPIC, TOPIC]);
  });

  it("stay when asking again fails, with the error, and are asked for again", async () => {
    await shown(10);
    world.answers.push(new TypeError("no way"), board(30));
    world.hub.refresh(TOPIC);
    await world.clock.pass(0);
    expect(world.hub.get(TOPIC).document?.rev).toBe(10);
    expect(world.hub.get(TOPIC).error).toBeInstanceOf(TypeError);
    await world.clock.pass(2_000);
    expect(world.hub.get(TOPIC)).toMatchObject({ error: null, document: { rev: 30 } });
  });

  it("are known up to the last beat: a stream that is opened anew need not reach back to when they came", async () => {
    await shown(10);
    world.stream.beat(99, 1, [TOPIC]);
    world.hub.hide(true);
    await world.clock.pass(HIDDEN_AFTER);
    expect(world.wants.at(-1)).toEqual(new Map());
    world.hub.hide(false);
    expect(world.wants.at(-1)).toEqual(new Map([[TOPIC, 99]]));
  });

  it("are kept for a while when nobody shows them", async () => {
    const leave = await shown();
    leave();
    await world.clock.pass(KEPT_UNSHOWN - 1);
    expect(world.hub.get(TOPIC).document).not.toBeNull();
    await world.clock.pass(1);
    expect(world.hub.get(TOPIC).document).toBeNull();
    expect(world.wants.at(-1)).toEqual(new Map());
  });
});

describe("liveness", () => {
  it("is live while beats come, reconnecting when the way breaks, stale when it stays broken", async () => {
    expect(world.hub.live().state).toBe("starting");
    world.stream.connected(true);
    world.stream.beat(1, 1_800_000_000_000, []);
    expect(world.hub.live()).toMatchObject({ state: "live", mayAct: true });
    expect(world.times).toEqual([1_800_000_000_000]);
    world.stream.connected(false);
    expect(world.hub.live()).toMatchObject({ state: "reconnecting", mayAct: false });
    await world.clock.pass(31_000);
    expect(world.hub.live().state).toBe("stale");
    world.stream.connected(true);
    world.stream.heard();
    expect(world.hub.live().state).toBe("live");
  });

  it("is stale when no beat comes over a connection that looks well", async () => {
    world.stream.connected(true);
    world.stream.heard();
    await world.clock.pass(STALE_AFTER - 1_000);
    expect(world.hub.live().state).toBe("live");
    await world.clock.pass(1_000);
    expect(world.hub.live()).toMatchObject({ state: "stale", mayAct: false });
  });

  it("tries at once when somebody asks to", () => {
    world.hub.refresh();
    expect(world.retries).toBe(1);
  });
});
