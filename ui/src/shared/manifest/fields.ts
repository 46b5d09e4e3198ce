/** A manifest as a form sees it: values by their path, and what the server says of each. */
import type { Path } from "./text.ts";

export interface Fields {
  /** The whole object as it was typed. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The object as the server has it; null where it is not there. */
  readonly object: unknown;
  readonly set: (path: Path, value: unknown) => void;
  /** What is wrong with a field, such as `spec.promotionPolicies[0].stage`, or with what is in it; empty: nothing. */
  readonly wrong: (field: string) => string;
  readonly isOff: boolean;
}

/** What stands at a path; undefined where nothing does, whatever stands on the way. */
export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((here, part) => (typeof here === "object" && here !== null ? (here as Record<string | number, unknown>)[part] : undefined), value);
}

export const textAt = (value: unknown, path: Path): string => {
  const found = at(value, path);
  return typeof found === "string" ? found : typeof found === "number" || typeof found === "boolean" ? String(found) : "";
};

export const listAt = (value: unknown, path: Path): readonly unknown[] => {
  const found = at(value, path);
  return Array.isArray(found) ? (found as unknown[]) : [];
};

/** What is wrong with a field or with what lies below it. */
export function wrongAt(problems: readonly { readonly field: string; readonly message: string }[], field: string): string {
  return problems
    .filter((each) => each.field === field || each.field.startsWith(`${field}.`) || each.field.startsWith(`${field}[`))
    .map((each) => each.message)
    .join("; ");
}
