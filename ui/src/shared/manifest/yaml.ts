/** A document as YAML, for eyes: what the server sent, in its order. */
/** Nothing that YAML 1.1, which servers of this API read, takes for a number, a truth or a moment. */
const PLAIN = /^(\.{0,2}\/|[A-Za-z_])[\w./@:+-]*$/;
const RESERVED = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

export function yaml(value: unknown, depth = 0): string {
  const pad = "  ".repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return value.map((each) => `${pad}- ${inline(each, depth)}`).join("\n");
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return "{}";
    return entries.map(([key, each]) => `${pad}${scalar(key)}:${nested(each, depth)}`).join("\n");
  }
  return scalar(value);
}

const isBranch = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).length > 0;

/** The value of a key: on lines of its own where it has several. */
function nested(value: unknown, depth: number): string {
  if (isBranch(value)) return `\n${yaml(value, Array.isArray(value) ? depth : depth + 1)}`;
  if (typeof value === "string" && value.includes("\n")) return block(value, depth + 1);
  return ` ${yaml(value, depth + 1)}`;
}

/** A member of a list: its first line stands behind the dash. */
function inline(value: unknown, depth: number): string {
  if (typeof value === "string" && value.includes("\n")) return block(value, depth + 1).trimStart();
  return isBranch(value) ? yaml(value, depth + 1).trimStart() : yaml(value, depth + 1);
}

function block(text: string, depth: number): string {
  const pad = "  ".repeat(depth);
  // Control characters and leading blanks cannot stand in a block.
  // eslint-disable-next-line no-control-regex
  if (/^[ \n]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)) return ` ${JSON.stringify(text)}`;
  const end = text.endsWith("\n") ? (text.endsWith("\n\n") ? "+" : "") : "-";
  const lines = text.replace(/\n$/, "").split("\n");
  return ` |${end}\n${lines.map((line) => (line === "" ? "" : pad + line)).join("\n")}`;
}

function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return PLAIN.test(value) && !RESERVED.test(value) && !value.endsWith(":") ? value : JSON.stringify(value);
}
