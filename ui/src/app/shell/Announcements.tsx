import { useSyncExternalStore } from "react";
import { useServices } from "@/shared/services.ts";

/** What screen readers are told: one polite region, and one for what cannot wait. */
export function Announcements() {
  const { announcer } = useServices();
  const said = useSyncExternalStore(announcer.subscribe, announcer.get);
  return (
    <div className="hidden">
      <div role="status" aria-live="polite">
        {said.polite}
      </div>
      <div role="alert">{said.assertive}</div>
    </div>
  );
}
