/** Text of others as it is shown: characters that nobody sees, and that turn round or hide what stands beside them, have a mark. */

/**
 * What Unicode has for the direction of text (UAX #9 §2), and characters without a width. A version `1.2\u202E0.9` would read as `1.29.0`,
 * and `prod\u200B` as `prod`. Joiners (U+200C, U+200D) stay: scripts and emoji are written with them, and they turn nothing round.
 */
const UNSEEN = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]/;
const EACH = new RegExp(UNSEEN, "g");

/** The text with `‹U+202E›` in the place of each such character; the same text where there is none. */
export function marked(text: string): string {
  if (!UNSEEN.test(text)) return text;
  return text.replace(EACH, (found) => `‹U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/** Attributes that are read by people. What is sent back, such as the value of a field, is not among them. */
const READ = ["title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt"] as const;

type Props = Readonly<Record<string, unknown>>;

/** Properties of an element with all text in them marked; the same object where nothing is. `type`: a name, for an element of the page itself. */
export function shownProps<Given>(type: unknown, given: Given): Given {
  if (typeof given !== "object" || given === null) return given;
  const props = given as Props;
  let changed: Record<string, unknown> | undefined;
  const children = shownChildren(props.children);
  if (children !== props.children) changed = { ...props, children };
  if (typeof type === "string") {
    for (const name of READ) {
      const text = props[name];
      if (typeof text !== "string" || !UNSEEN.test(text)) continue;
      changed ??= { ...props };
      changed[name] = marked(text);
    }
  }
  return (changed ?? given) as Given;
}

function shownChildren(children: unknown): unknown {
  if (typeof children === "string") return marked(children);
  if (!Array.isArray(children)) return children;
  const all: readonly unknown[] = children;
  return all.some((each) => typeof each === "string" && UNSEEN.test(each)) ? all.map((each) => (typeof each === "string" ? marked(each) : each)) : children;
}
