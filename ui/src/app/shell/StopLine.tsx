import { useMemo } from "react";
import { useShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { useMoving } from "@/shared/moves/address.ts";
import { Icon } from "@/shared/parts/Icon.tsx";
import { useProject } from "./Crumbs.tsx";
import styles from "./shell.module.css";

/** Stops the line of the Project that one is in; elsewhere it asks for which. It opens on a stale page as well, where it can be read. */
export function StopLine() {
  const { stopLine } = useMoving();
  const project = useProject() ?? "";
  const shortcuts = useMemo(() => [{ keys: "g l", label: "Stop the line", group: "Go to", run: () => stopLine(project) }], [stopLine, project]);
  useShortcuts(shortcuts);
  return (
    <button type="button" className={styles.stop} aria-haspopup="dialog" onClick={() => stopLine(project)}>
      <Icon name="stop" />
      <span>
        Stop<span className={styles.rest}> the line</span>
      </span>
    </button>
  );
}
