import { expect, it } from "vitest";
import { ApiError, fieldsOf, warningsOf } from "./client.ts";

it("all warnings of an answer are read, also those with quotes and commas in them", () => {
  expect(warningsOf('299 - "spec.a: no \\\\"b\\\\", and \\\\\\\\ no c", 299 - "second"'.replaceAll("\\\\", "\\"))).toEqual(['spec.a: no "b", and \\ no c', "second"]);
  expect(warningsOf("")).toEqual([]);
});

it("fields that are wrong are told apart, whatever else an answer has", () => {
  const error = new ApiError(422, "invalid", "", { details: { causes: [{ field: "spec.stage", message: "is needed" }, { message: 7 }] } });
  expect(fieldsOf(error)).toEqual([{ field: "spec.stage", message: "is needed" }, { field: "", message: "" }]);
  expect(fieldsOf(new ApiError(500, "x", "", { details: "odd" }))).toEqual([]);
  expect(fieldsOf(new TypeError("x"))).toEqual([]);
});
