import { expect, it } from "vitest";
import { pressedSort, readSort } from "./list.ts";
import { readBoardSearch } from "./search.ts";

it("reads an order from an address, whatever stands there", () => {
  expect(readSort("since")).toEqual({ column: "since", isDown: false });
  expect(readSort("-since")).toEqual({ column: "since", isDown: true });
  for (const odd of [undefined, "", "-", "--since", "__proto__", "Since"]) expect(readSort(odd).column).toBe("order");
  expect(readBoardSearch({ sort: "-since", view: "list", q: 7 })).toEqual({ sort: "-since", view: "list", q: "7" });
});

it("turns an order round at the second press on the same head", () => {
  expect(pressedSort(readSort("name"), "since")).toBe("since");
  expect(pressedSort(readSort("since"), "since")).toBe("-since");
  expect(pressedSort(readSort("-since"), "since")).toBe("since");
});
