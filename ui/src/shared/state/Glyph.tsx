import type { ReactElement } from "react";
import type { Role } from "./roles.ts";
import styles from "./state.module.css";

const SHAPES: Readonly<Record<Role, ReactElement>> = {
  ok: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="M5 8.2 7.2 10.4 11 6" />
    </>
  ),
  run: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path className={styles.solid} d="M8 1.75a6.25 6.25 0 0 1 0 12.5Z" />
    </>
  ),
  wait: <path d="M4 2h8M4 14h8M5 2v2.6L8 8l3-3.4V2M5 14v-2.6L8 8l3 3.4V14" />,
  fail: (
    <>
      <path d="M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4Z" />
      <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" />
    </>
  ),
  held: <path className={styles.thick} d="M5.25 3v10M10.75 3v10" />,
  none: (
    <>
      <circle cx="8" cy="8" r="6.25" strokeDasharray="2.6 2.3" />
      <path d="M6.2 6.3A1.8 1.8 0 1 1 8 8.4v.8M8 11.4v.2" />
    </>
  ),
};

export interface GlyphProps {
  readonly role: Role;
  readonly size?: number;
}

/** The shape of a role. It says nothing to a screen reader: a word stands beside it, always. */
export function Glyph({ role, size = 14 }: GlyphProps) {
  return (
    <svg className={`${styles.glyph} ${styles[role]}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[role]}
    </svg>
  );
}
