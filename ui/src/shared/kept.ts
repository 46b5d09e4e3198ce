/** What a browser keeps between visits: choices of how things look. Nothing of the installation's, and never a credential. */
export type KeptKey = "theme" | "density" | "shortcuts" | "zone" | "guide" | "time";

/** The value that was kept, null if there is none or the browser keeps nothing. */
export function kept(key: KeptKey): string | null {
  try {
    // eslint-disable-next-line no-restricted-globals -- the one place
    const found: unknown = JSON.parse(localStorage.getItem(`towpath.${key}`) ?? "null");
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}

/** Keep a choice; a browser that keeps nothing is no error. */
export function keep(key: KeptKey, value: string): void {
  try {
    // eslint-disable-next-line no-restricted-globals -- the one place
    localStorage.setItem(`towpath.${key}`, JSON.stringify(value));
  } catch {
    // Private windows and full disks: the choice holds until the page is left.
  }
}
