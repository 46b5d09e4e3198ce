import { useEffect } from "react";

/**
 * Close what is open by Escape, wherever the focus is: it goes into what has opened a moment after that is drawn, and
 * a key that is pressed in between is meant for it all the same. Nothing below hears of that key.
 */
export function useEscape(isOpen: boolean, close: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    };
    window.addEventListener("keydown", pressed, { capture: true });
    return () => window.removeEventListener("keydown", pressed, { capture: true });
  }, [isOpen, close]);
}
