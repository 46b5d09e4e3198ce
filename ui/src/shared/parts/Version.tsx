import styles from "./version.module.css";

const DIGEST = /^(sha256:)?[0-9a-f]{12,64}$/;

/** A version cut to fit: digests in the middle, because their ends differ; tags at the front, because their ends differ as well. */
export function cut(text: string, most: number): string {
  const letters = Array.from(text);
  if (letters.length <= most) return text;
  if (DIGEST.test(text)) {
    const head = Math.ceil((most - 1) / 2);
    return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (most - 1 - head)).join("")}`;
  }
  return `…${letters.slice(letters.length - most + 1).join("")}`;
}

export function Version({ text, most = 22, strong = false }: { readonly text: string; readonly most?: number; readonly strong?: boolean }) {
  return (
    <span className={strong ? `${styles.version} ${styles.strong}` : styles.version} title={text}>
      {cut(text, most)}
    </span>
  );
}
