/** What receipts of webhooks say of one Warehouse. */
import type { WireReceipt } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";

export interface Wake {
  readonly at: number;
  readonly what: "woken" | "passed" | "failed";
  /** Why it did not look; empty where it did. */
  readonly why: string;
  readonly event: string;
}

/** The last delivery that was about a Warehouse; null where none that is remembered was. */
export function lastOf(receipts: readonly WireReceipt[], project: string, warehouse: string): Wake | null {
  for (const receipt of receipts) {
    for (const what of ["woken", "failed", "passed"] as const) {
      const found = receipt[what].find((each) => each.project === project && each.name === warehouse);
      if (found !== undefined) return { at: seconds(receipt.time), what, why: found.why ?? "", event: receipt.event };
    }
  }
  return null;
}
