import { CopyText } from "./CopyText.tsx";
import page from "./page.module.css";

/** A token that has just been made: in this page's memory alone, until it is put away. */
export function ShownOnce({ token, name, onClose }: { readonly token: string; readonly name: string; readonly onClose: () => void }) {
  return (
    <div className={page.done} role="status">
      <p>
        Token <strong>{name}</strong> is made. This is the only time that it is shown: copy it now.
      </p>
      <CopyText text={token} label={`token ${name}`} />
      <button type="button" className={page.button} onClick={onClose}>
        Put it away
      </button>
    </div>
  );
}
