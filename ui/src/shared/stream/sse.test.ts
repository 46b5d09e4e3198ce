import { expect, it } from "vitest";
import { EventReader } from "./sse.ts";

const TEXT = ": padding\n\nid: 7\nevent: patch\ndata: {\"a\":\ndata: 1}\n\ndata: plain\r\n\r\nid: 8\n\n";

it("reads events, however the bytes are cut", () => {
  const whole = new EventReader().read(TEXT);
  expect(whole).toEqual([
    { id: "7", event: "patch", data: '{"a":\n1}' },
    { id: "7", event: "message", data: "plain" },
  ]);
  for (let cut = 0; cut <= TEXT.length; cut += 1) {
    const reader = new EventReader();
    expect([...reader.read(TEXT.slice(0, cut)), ...reader.read(TEXT.slice(cut))]).toEqual(whole);
  }
});
