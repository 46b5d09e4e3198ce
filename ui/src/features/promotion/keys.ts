import { useMemo } from "react";
import { useMoving } from "@/shared/moves/address.ts";
import { useShortcuts, type Shortcut } from "@/shared/keyboard/shortcuts.ts";
import type { PromotionInfo } from "@/shared/promotions/read.ts";

/** What keys do on the page of a Promotion. */
export function useKeyboardOfPromotion(promotion: PromotionInfo | null): void {
  const { open } = useMoving();
  const shortcuts = useMemo<readonly Shortcut[]>(() => {
    if (promotion === null) return [];
    return [
      { keys: "r", label: "Roll back the Stage", group: "Promotion", run: () => open("rollback", [promotion.stage]) },
      { keys: "p", label: "Promote the same again", group: "Promotion", run: () => open("promote", [promotion.stage], promotion.freight) },
      { keys: "l", label: "To what the step said that runs or failed", group: "Promotion", run: () => window.document.querySelector<HTMLElement>("[data-log]")?.focus() },
    ];
  }, [open, promotion]);
  useShortcuts(shortcuts);
}
