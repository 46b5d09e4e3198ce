/** What JSX of ours becomes (`jsxImportSource`): React's own, with text of others as it is to be shown. So no screen can forget it. */
import { jsx as one, jsxs as several, Fragment } from "react/jsx-runtime";
import { shownProps } from "./marked.ts";

export type { JSX } from "react/jsx-runtime";
export { Fragment };

export const jsx: typeof one = (type, props, key) => one(type, shownProps(type, props), key);
export const jsxs: typeof several = (type, props, key) => several(type, shownProps(type, props), key);
