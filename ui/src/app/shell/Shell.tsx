import { Suspense, lazy, useMemo, useState, type ReactNode } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import { Guide } from "@/features/guide/Guide.tsx";
import { Icon, type IconName } from "@/shared/parts/Icon.tsx";
import { countWords } from "@/shared/inbox/read.ts";
import { useInbox } from "@/shared/inbox/useInbox.ts";
import { useKeyboard, useShortcuts, type Shortcut } from "@/shared/keyboard/shortcuts.ts";
import { Announcements } from "./Announcements.tsx";
import { Crumbs, ProjectLinks } from "./Crumbs.tsx";
import { Help } from "./Help.tsx";
import { ClockNote, LivenessPill, StaleBar } from "./Liveness.tsx";
import { StopLine } from "./StopLine.tsx";
import { UserMenu } from "./UserMenu.tsx";
import styles from "./shell.module.css";

const Palette = lazy(() => import("@/features/palette/Palette.tsx").then(({ Palette: found }) => ({ default: found })));

/** What is on every screen: the rail, the bar with how live the page is, help. It needs no data and never waits for any. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const shortcuts = useMemo<readonly Shortcut[]>(
    () => [
      { keys: "g o", label: "Overview", group: "Go to", run: () => void navigate({ to: "/" }) },
      { keys: "g i", label: "Inbox", group: "Go to", run: () => void navigate({ to: "/inbox" }) },
      { keys: "g h", label: "History", group: "Go to", run: () => void navigate({ to: "/history" }) },
      { keys: "g s", label: "Health of the system", group: "Go to", run: () => void navigate({ to: "/health" }) },
      { keys: "g t", label: "Settings: your tokens, and the system", group: "Go to", run: () => void navigate({ to: "/settings" }) },
      { keys: "Mod+k", label: "Search", group: "Go to", run: () => setSearching(true) },
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
        <InboxLink />
        <button type="button" className={styles.item} onClick={() => setSearching(true)}>
          <Icon name="search" size={18} />
          <span>Search</span>
        </button>
        <RailLink to="/history" icon="history" label="History" />
        <span className={styles.grow} />
        <RailLink to="/health" icon="health" label="Health" />
        <RailLink to="/settings" icon="settings" label="Settings" isWhole={false} />
        <button type="button" className={styles.item} onClick={() => setHelpOpen(true)}>
          <Icon name="help" size={18} />
          <span>Help</span>
        </button>
      </nav>
      <header className={styles.bar}>
        <Crumbs />
        <ProjectLinks />
        <span className={styles.grow} />
        <StopLine />
        <LivenessPill />
        <UserMenu />
      </header>
      <div className={styles.notes}>
        <StaleBar />
        <ClockNote />
        <Guide />
      </div>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <Announcements />
      {isSearching && (
        <Suspense fallback={null}>
          <Palette onClose={() => setSearching(false)} />
        </Suspense>
      )}
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

interface RailLinkProps {
  readonly to: "/" | "/history" | "/health" | "/settings";
  readonly icon: IconName;
  readonly label: string;
  /** Whether it is that page alone, and none below it. */
  readonly isWhole?: boolean;
}

function RailLink({ to, icon, label, isWhole = true }: RailLinkProps) {
  return (
    <Link to={to} className={styles.item} activeProps={{ "aria-current": "page" }} activeOptions={{ exact: isWhole }}>
      <Icon name={icon} size={18} />
      <span>{label}</span>
    </Link>
  );
}

/** The inbox, with how much waits there. */
function InboxLink() {
  const { document } = useInbox();
  const count = countWords(document);
  return (
    <Link to="/inbox" className={styles.item} activeProps={{ "aria-current": "page" }}>
      <Icon name="inbox" size={18} />
      <span>Inbox</span>
      {count !== "" && (
        <span className={styles.count}>
          {count}
          <span className="hidden"> waiting</span>
        </span>
      )}
    </Link>
  );
}
