import { Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { forgetDrafts } from "@/shared/drafts/store.ts";
import { person } from "@/shared/people.ts";
import { Icon } from "@/shared/parts/Icon.tsx";
import { useServices, useSession } from "@/shared/services.ts";
import { signOut } from "@/shared/session/signingIn.ts";
import { chooseDensity, useDensity, type Density } from "@/shared/theme/density.ts";
import { chooseTheme, useThemeChoice, type ThemeChoice } from "@/shared/theme/theme.ts";
import styles from "./userMenu.module.css";

const THEMES: readonly (readonly [ThemeChoice, string])[] = [
  ["system", "Theme of the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

const DENSITIES: readonly (readonly [Density, string])[] = [
  ["comfortable", "Comfortable"],
  ["compact", "Compact"],
];

export function UserMenu() {
  const { api, session } = useServices();
  const navigate = useNavigate();
  const state = useSession();
  const theme = useThemeChoice();
  const density = useDensity();
  const name = state.kind === "in" ? person(state.person.actor) : "nobody";
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} withinPortal>
      <Menu.Target>
        <button type="button" className={styles.button} aria-label={`Signed in: ${name}. Theme, rows, sign out`}>
          <Icon name="user" />
          <span className={styles.name}>{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Theme</Menu.Label>
        {THEMES.map(([choice, label]) => (
          <Menu.Item
            key={choice}
            rightSection={theme === choice ? <Icon name="check" /> : null}
            onClick={() => chooseTheme(choice)}
          >
            {label}
            {theme === choice && <span className="hidden">, chosen</span>}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>Rows</Menu.Label>
        {DENSITIES.map(([choice, label]) => (
          <Menu.Item key={choice} rightSection={density === choice ? <Icon name="check" /> : null} onClick={() => chooseDensity(choice)}>
            {label}
            {density === choice && <span className="hidden">, chosen</span>}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigate({ to: "/settings" })}>Your tokens and sessions</Menu.Item>
        <Menu.Item
          onClick={() => {
            forgetDrafts();
            // A page that begins anew has nothing of what they saw or typed, in none of its parts.
            void signOut(api, session).then(() => location.reload());
          }}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
