import { Fragment } from "react";
import { Modal } from "@mantine/core";
import { switchLetters, useDeclaredShortcuts, useLettersOn } from "@/shared/keyboard/shortcuts.ts";
import styles from "./help.module.css";

const isMac = /Mac|iP(hone|ad)/.test(navigator.userAgent);

/** The keyboard map of the screen that is in front, from what the screens declare. */
export function Help({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const shortcuts = useDeclaredShortcuts();
  const isOn = useLettersOn();
  const groups = [...new Set(shortcuts.map((each) => each.group))];
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keyboard" lockScroll={false} size="lg" transitionProps={{ duration: 0 }} closeButtonProps={{ "aria-label": "Close" }}>
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl className={styles.keys}>
              {shortcuts
                .filter((each) => each.group === group)
                .map(({ keys, label }) => (
                  <Fragment key={keys}>
                    <dt>
                      {keys.split(" ").map((key) => (
                        <kbd key={key} className={styles.key}>
                          {key.replace("Mod+", isMac ? "⌘" : "Ctrl ")}
                        </kbd>
                      ))}
                    </dt>
                    <dd>{label}</dd>
                  </Fragment>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <label className={styles.switch}>
        <input type="checkbox" checked={isOn} onChange={(event) => switchLetters(event.currentTarget.checked)} />
        Single letters are shortcuts (never while you type)
      </label>
    </Modal>
  );
}
