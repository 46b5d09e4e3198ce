import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { marked, shownProps } from "./marked.ts";

it.each([
  ["1.2\u202E0.9", "1.2‹U+202E›0.9"],
  ["\u2066prod\u2069", "‹U+2066›prod‹U+2069›"],
  ["prod\u200B", "prod‹U+200B›"],
  ["\uFEFFprod", "‹U+FEFF›prod"],
  ["مستقر 1.2", "مستقر 1.2"],
  ["👩‍🚀 1.2", "👩‍🚀 1.2"],
  ["a\tb\nc", "a\tb\nc"],
])("%j is shown as %j", (text, shown) => {
  expect(marked(text)).toBe(shown);
});

it("marks text wherever an element of a screen has it: between others, and in what is read out", () => {
  const name = "prod\u202Eue";
  render(
    <p title={name}>
      Held: {name}, by <span aria-label={name}>{name}</span>
    </p>,
  );
  expect(screen.getByTitle("prod‹U+202E›ue").textContent).toBe("Held: prod‹U+202E›ue, by prod‹U+202E›ue");
  expect(screen.getByLabelText("prod‹U+202E›ue")).toBeDefined();
});

it("leaves what is sent back as it is", () => {
  const name = "prod\u202Eue";
  render(<input aria-label="Stage" defaultValue={name} />);
  expect(screen.getByLabelText<HTMLInputElement>("Stage").value).toBe(name);
  const props = { value: name, children: ["a", null, 1] };
  expect(shownProps("option", props)).toBe(props);
});
