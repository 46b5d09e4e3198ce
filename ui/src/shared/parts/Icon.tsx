import type { ReactElement } from "react";

/** Twenty lines of paths instead of a package of five thousand: what the shell points with. A word or a label stands beside each. */
const PATHS = {
  overview: "M2.5 2.5h4.5v6h-4.5ZM9 2.5h4.5v3.5H9ZM9 8h4.5v5.5H9ZM2.5 10.5h4.5v3h-4.5Z",
  board: "M2 3.5h3.5v3H2ZM10.500 3.5H14v3h-3.500ZM10.500 9.500H14v3h-3.500ZM5.500 5h5M8 5v6h2.500",
  search: "M7 2.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9ZM10.300 10.300 13.700 13.700",
  inbox: "M2.500 9.500 4.500 3h7l2 6.500v3.500h-11ZM2.500 9.500h3l1 1.500h3l1-1.500h3",
  history: "M2.500 8a5.500 5.500 0 1 0 1.700-4M2.500 2.500v2.500H5M8 5v3.300l2.200 1.300",
  health: "M1.500 8.500h3l1.500-4 2.500 7.500 2-5 .8 1.500h3.200",
  help: "M6 6a2 2 0 1 1 2 2.200v1M8 11.800v.2M8 1.750a6.250 6.250 0 1 1 0 12.500 6.250 6.250 0 0 1 0-12.500Z",
  user: "M8 2.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600ZM2.800 13.800c.4-2.700 2.500-4.300 5.200-4.300s4.800 1.600 5.200 4.300",
  close: "m4 4 8 8m0-8-8 8",
  down: "m4 6 4 4 4-4",
  right: "m6 4 4 4-4 4",
  check: "m3.500 8.500 3 3 6-7",
  plus: "M8 3v10M3 8h10",
  settings: "M2 4.500h6M11.500 4.500H14M9.700 2.700a1.800 1.800 0 1 1 0 3.600 1.800 1.800 0 0 1 0-3.600ZM2 11.500h2.500M8 11.500h6M6.300 9.700a1.800 1.800 0 1 1 0 3.600 1.800 1.800 0 0 1 0-3.600Z",
  stop: "M5.200 1.800h5.600l3.400 3.400v5.600l-3.400 3.400H5.200l-3.400-3.400V5.200ZM5 8h6",
  lens: "M8 3C4.500 3 2 6 1.300 8c.7 2 3.200 5 6.700 5s6-3 6.700-5C14 6 11.500 3 8 3ZM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
