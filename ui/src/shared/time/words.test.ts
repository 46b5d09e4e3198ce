import { expect, it } from "vitest";
import { FakeClock } from "./fakeClock.ts";
import { ServerClock } from "./serverClock.ts";
import { age, moment, span, zoned, zoneWords } from "./words.ts";

it.each([
  [0.4, "0 s"],
  [59, "59 s"],
  [61, "1 min"],
  [7_800, "2 h 10 min"],
  [7_200, "2 h"],
  [90_000, "1 d 1 h"],
  [500_000, "5 d"],
  [-5, "0 s"],
])("%d s are %s", (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

it("an age has one unit", () => {
  expect([30, 90, 8_000, 100_000, 400_000].map(age)).toEqual(["30 s", "1 min", "2 h", "27 h", "4 d"]);
});

it("a moment says its day when it is another one, and its zone when it is not the reader's", () => {
  const now = Date.UTC(2026, 10, 29, 15, 0) / 1000;
  expect(moment(now + 600, now, "UTC")).toBe("15:10 UTC");
  expect(moment(now + 86_400, now, "UTC")).toBe("Mon 15:00 UTC");
  expect(moment(now - 20 * 86_400, now, "UTC")).toBe("9 Nov 15:00 UTC");
});

it("a moment in a sentence has its zone beside it", () => {
  const now = Date.UTC(2026, 6, 1, 15, 0) / 1000;
  expect(zoneWords(now)).not.toBe("");
  expect(zoned(now + 600, now)).toBe(`${moment(now + 600, now)} ${zoneWords(now + 600)}`);
});

it("ages are by the server's clock, however far off this computer's is", () => {
  const clock = new FakeClock();
  const server = new ServerClock(clock);
  server.heard(clock.now() - 7_200_000);
  expect(server.seconds()).toBe(clock.now() / 1000 - 7_200);
  expect(server.ahead()).toBe(7_200_000);
  server.heard(clock.now() - 7_200_400);
  expect(server.ahead()).toBe(7_200_000);
});
