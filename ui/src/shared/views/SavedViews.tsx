import { useCallback, useMemo, useState } from "react";
import { Popover } from "@mantine/core";
import { useShortcuts } from "../keyboard/shortcuts.ts";
import { useEscape } from "../keyboard/useEscape.ts";
import { Icon } from "../parts/Icon.tsx";
import type { ViewPlace } from "./read.ts";
import { ViewsPanel } from "./ViewsPanel.tsx";
import styles from "./views.module.css";

/** A button that opens what was saved, here and elsewhere, and saves what is shown. */
export function SavedViews({ here }: { readonly here: ViewPlace }) {
  const [isOpen, setOpen] = useState(false);
  const shortcuts = useMemo(() => [{ keys: "s", label: "Saved views: open one, or save what is shown", group: "Views", run: () => setOpen(true) }], []);
  useShortcuts(shortcuts);
  const close = useCallback(() => setOpen(false), []);
  useEscape(isOpen, close);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={340} trapFocus returnFocus transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <button type="button" className={styles.button} onClick={() => setOpen((was) => !was)}>
          Saved views <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown}>
        <ViewsPanel here={here} onOpened={close} />
      </Popover.Dropdown>
    </Popover>
  );
}
