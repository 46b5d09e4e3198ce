import type { Ref } from "react";
import { Icon } from "./Icon.tsx";
import page from "./page.module.css";

/** Closes what it stands in the head of. */
export function CloseButton({ onClose, ref }: { readonly onClose: () => void; readonly ref?: Ref<HTMLButtonElement> }) {
  return (
    <button ref={ref} type="button" className={page.close} onClick={onClose} aria-label="Close">
      <Icon name="close" />
    </button>
  );
}
