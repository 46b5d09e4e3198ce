/** The text of a manifest while it is edited: read, with the places of its fields, and changed without touching the rest. */
import { LineCounter, isCollection, isMap, isPair, isScalar, parseDocument, type Document, type Node, type Tags } from "yaml";
import { yaml } from "./yaml.ts";

export type Path = readonly (string | number)[];

export interface Unreadable {
  readonly line: number;
  readonly message: string;
}

export interface ReadText {
  /** The document; null where the text cannot be read. */
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly error: Unreadable | null;
}

/** Written by the server, and nothing that somebody edits. */
const OF_THE_SERVER = ["managedFields", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"];
/** What controllers and requests write beside what people do. */
const NOTED = /^kargo\.akuity\.io\/(refresh|reverify|abort)$/;

/** An object as somebody edits it: without its status, and without what the server says of it. */
export function edited(object: unknown): string {
  if (!isObject(object)) return "";
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const annotations = Object.entries(isObject(metadata.annotations) ? metadata.annotations : {}).filter(([key]) => !NOTED.test(key));
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !OF_THE_SERVER.includes(key) && key !== "annotations"));
  const rest = Object.entries(object).filter(([key]) => !["apiVersion", "kind", "metadata", "status"].includes(key));
  const noted = annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) };
  return `${yaml({ apiVersion: object.apiVersion, kind: object.kind, metadata: { ...kept, ...noted }, ...Object.fromEntries(rest) })}\n`;
}

export function revisionOf(object: unknown): string {
  const found = isObject(object) && isObject(object.metadata) ? object.metadata.resourceVersion : undefined;
  return typeof found === "string" ? found : "";
}

export function read(text: string): ReadText {
  const { document, lines } = parsed(text);
  const wrong = document.errors[0];
  if (wrong !== undefined) return { value: null, error: { line: lines.linePos(wrong.pos[0]).line, message: wrong.message.split(/ at line |\n/)[0] ?? "it cannot be read" } };
  if (!isMap(document.contents)) return { value: null, error: { line: 1, message: "an object is wanted, with apiVersion, kind, metadata" } };
  try {
    return { value: document.toJS({ maxAliasCount: 50 }) as Record<string, unknown>, error: null };
  } catch (error) {
    return { value: null, error: { line: 1, message: error instanceof Error ? error.message : String(error) } };
  }
}

/** The path of a field as the server names it: `spec.steps[0].config`, `metadata.annotations[a.b/c]`. */
export function pathOf(field: string): Path {
  return [...field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map(([, name, place]) => name ?? (/^\d+$/.test(place ?? "") ? Number(place) : (place ?? "").replace(/^"(.*)"$/, "$1")));
}

/** The line on which a field stands, else the nearest that it stands in; 0 where the text cannot be read. */
export function lineOf(text: string, field: string): number {
  const { document, lines } = parsed(text);
  if (document.errors.length > 0 || field === "") return 0;
  let node: unknown = document.contents;
  let at = 0;
  for (const part of pathOf(field)) {
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find((each) => isPair(each) && isScalar(each.key) && String(each.key.value) === String(part)) : undefined;
    const next: unknown = pair === undefined ? node.get(part, true) : pair.value;
    const place = isNode(pair?.key) ? pair.key.range?.[0] : isNode(next) ? next.range?.[0] : undefined;
    if (place === undefined) break;
    at = lines.linePos(place).line;
    node = next;
  }
  return at;
}

/** The text with one field set, or removed; comments, order and the rest stay as they were typed. */
export function withField(text: string, path: Path, value: unknown): string {
  // No number that stands elsewhere loses a digit.
  const { document } = parsed(text, true);
  if (document.errors.length > 0) return text;
  if (value === undefined) {
    if (document.hasIn(path)) document.deleteIn(path);
    for (let depth = path.length - 1; depth > 1; depth -= 1) {
      const above = document.getIn(path.slice(0, depth), true);
      if (typeof path[depth - 1] === "number" || !isCollection(above) || above.items.length > 0) break;
      document.deleteIn(path.slice(0, depth));
    }
  } else {
    clearScalars(document, path);
    document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false });
}

/** The text with the revision that it is a change of, which the server compares: put in beside the name, and nothing else touched. */
export function withRevision(text: string, revision: string): string {
  const metadata = parsed(text).document.get("metadata", true);
  if (!isMap(metadata) || metadata.range === null || metadata.range === undefined || metadata.has("resourceVersion")) return text;
  const at = metadata.range[0];
  if (metadata.flow === true) return `${text.slice(0, at + 1)}resourceVersion: "${revision}", ${text.slice(at + 1)}`;
  const indent = at - (text.lastIndexOf("\n", at - 1) + 1);
  return `${text.slice(0, at)}resourceVersion: "${revision}"\n${" ".repeat(indent)}${text.slice(at)}`;
}

/** What stands in the way of a path and holds nothing, such as `spec:` without a value, gives way to it. */
function clearScalars(document: Document, path: Path): void {
  for (let depth = 1; depth < path.length; depth += 1) {
    const above = document.getIn(path.slice(0, depth), true);
    if (isScalar(above) && (above.value === null || above.value === "")) document.deleteIn(path.slice(0, depth));
  }
}

function parsed(text: string, intAsBigInt = false): { readonly document: Document; readonly lines: LineCounter } {
  const lines = new LineCounter();
  // As the server reads it: YAML 1.1, in which `on` is a truth; moments are texts.
  const customTags = (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || !/timestamp|binary|omap|pairs|set$/.test(tag.tag));
  return { document: parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: true, version: "1.1", customTags, intAsBigInt }), lines };
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "range" in value;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
