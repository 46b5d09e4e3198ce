/** An address with what stands in it encoded: names are of others, and may hold anything. */
export function path(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, place) => part + (values[place] === undefined ? "" : encodeURIComponent(values[place]))).join("");
}

/** A query of what is given; what is empty is left out. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([key, value]) => (value === undefined || value === "" ? [] : [[key, String(value)]]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

/** Seconds since 1970 of a moment as the server writes it; 0 where there is none. */
export function seconds(moment: string | null | undefined): number {
  const found = Date.parse(moment ?? "");
  return Number.isNaN(found) ? 0 : found / 1000;
}
