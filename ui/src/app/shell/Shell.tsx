import { useMemo, useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Icon, type IconName } from "@/shared/parts/Icon.tsx";
import { useKeyboard, useShortcuts, type Shortcut } from "@/shared/keyboard/shortcuts.ts";
import { Announcements } from "./Announcements.tsx";
import { Help } from "./Help.tsx";
import { ClockNote, LivenessPill, StaleBar } from "./Liveness.tsx";
import { UserMenu } from "./UserMenu.tsx";
import styles from "./shell.module.css";

/** What is on every screen: the rail, the bar with how live the page is, help. It needs no data and never waits for any. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const shortcuts = useMemo<readonly Shortcut[]>(
    () => [
      { keys: "g o", label: "Overview", group: "Go to", run: () => void navigate({ to: "/" }) },
      { keys: "?", label: "This list", group: "Help", run: () => setHelpOpen(true) },
    ],
    [navigate],
  );
  useKeyboard();
  useShortcuts(shortcuts);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <nav className={styles.rail} aria-label="Main">
        <Link to="/" className={styles.mark} aria-label="Towpath: overview">
          <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <path d="M6 21h20M9 21l5-10M23 21l-5-10M12.500 11h7" stroke="currentColor" strokeWidth="2.6" fill="none" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
        </Link>
        <RailLink to="/" icon="overview" label="Overview" />
        <span className={styles.grow} />
        <button type="button" className={styles.item} onClick={() => setHelpOpen(true)}>
          <Icon name="help" size={18} />
          <span>Help</span>
        </button>
      </nav>
      <header className={styles.bar}>
        <Crumbs />
        <span className={styles.grow} />
        <LivenessPill />
        <UserMenu />
      </header>
      <div className={styles.notes}>
        <StaleBar />
        <ClockNote />
      </div>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <Announcements />
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function RailLink({ to, icon, label }: { readonly to: "/"; readonly icon: IconName; readonly label: string }) {
  return (
    <Link to={to} className={styles.item} activeProps={{ "aria-current": "page" }} activeOptions={{ exact: true }}>
      <Icon name={icon} size={18} />
      <span>{label}</span>
    </Link>
  );
}

function Crumbs() {
  const { project }: { project?: string } = useParams({ strict: false });
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      <Link to="/">Overview</Link>
      {project !== undefined && (
        <>
          <span aria-hidden="true">/</span>
          <span className={styles.here} aria-current="page">
            {project}
          </span>
        </>
      )}
    </nav>
  );
}
