import { expect, it } from "vitest";
import { readConnections, readHeartbeats, sourcesIn } from "./read.ts";

it("controllers that are dead are told as failed, what is not known as it is", () => {
  const beats = readHeartbeats({ heartbeats: { "": { status: "Alive", timestamp: "1970-01-01T00:00:09Z" }, argocd: { status: "Dead" }, x: { status: "Limping" } } });
  expect(beats.map((each) => `${each.name} ${each.meaning.role} ${each.meaning.word} ${each.at}`)).toEqual([" ok Alive 9", "argocd fail Dead 0", "x none Limping 0"]);
});

it("a connection says how it reaches, how much and how fast", () => {
  const [well, ill, waiting] = readConnections({ items: [{ name: "a", by: "rest", state: "Connected", applications: 1, latencyMilliseconds: 3.1, unreadable: [{}] }, { name: "b", state: "Down", error: "refused" }, { name: "c", state: "Connecting" }] });
  expect(well).toMatchObject({ meaning: { role: "ok" }, words: "by rest, 1 Application, 1 cannot be read, answers in 3.1 ms" });
  expect(ill).toMatchObject({ meaning: { role: "fail", word: "Down" }, error: "refused" });
  expect(waiting?.meaning.role).toBe("wait");
});

it("sources in error, of all Projects", () => {
  expect(sourcesIn({ rev: 1, at: "", projects: [{ name: "shop", trouble: [["prod", "fail"], ["warehouse/web", "fail", "", "401"]] }, { name: "quiet" }] })).toEqual([{ project: "shop", warehouse: "web", message: "401" }]);
});
