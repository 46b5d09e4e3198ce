/** As jsx-runtime.ts, in development and in tests. */
import { jsxDEV as one, Fragment } from "react/jsx-dev-runtime";
import { shownProps } from "./marked.ts";

export type { JSX } from "react/jsx-dev-runtime";
export { Fragment };

export const jsxDEV: typeof one = (type, props, ...more) => one(type, shownProps(type, props), ...more);
