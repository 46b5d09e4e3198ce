import { useState } from "react";
import page from "./page.module.css";

/** A text that is taken elsewhere, with a button that copies it, and says so. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState("");
  const copy = () => {
    // Browsers have a clipboard on HTTPS and on this computer alone.
    const clipboard = (navigator as { readonly clipboard?: Clipboard }).clipboard;
    if (clipboard === undefined) setSaid("This browser lets pages copy over HTTPS alone: select the text.");
    else clipboard.writeText(text).then(() => setSaid("Copied."), () => setSaid("The browser did not let it be copied: select the text."));
  };
  return (
    <span className={page.copy}>
      <code className={page.copied}>{text}</code>
      <button type="button" className={page.button} onClick={copy} aria-label={`Copy ${label}`}>
        Copy
      </button>
      <span role="status" className={page.why}>
        {said}
      </span>
    </span>
  );
}
