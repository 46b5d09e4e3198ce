import { Link, Outlet, useParams } from "@tanstack/react-router";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import styles from "./settings.module.css";

const OF_PROJECT = [
  ["/p/$project/settings", "General"],
  ["/p/$project/settings/promotion", "Promotion"],
  ["/p/$project/settings/objects", "Objects"],
  ["/p/$project/settings/credentials", "Credentials"],
  ["/p/$project/settings/webhooks", "Webhooks"],
  ["/p/$project/settings/roles", "Roles and tokens"],
] as const;
const OF_SYSTEM = [
  ["/settings", "Your tokens"],
  ["/settings/roles", "System roles"],
  ["/settings/credentials", "Shared credentials"],
  ["/settings/secrets", "System credentials"],
  ["/settings/webhooks", "Webhooks"],
  ["/settings/cluster", "The system"],
] as const;

/** The settings of a Project: what there is to set, and the one that is open. */
export function ProjectSettings() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  return (
    <div className={styles.frame}>
      <nav aria-label="Settings" className={styles.nav}>
        {OF_PROJECT.map(([to, label]) => (
          <Link key={to} to={to} params={{ project }} activeOptions={{ exact: to === OF_PROJECT[0][0] }} activeProps={{ "aria-current": "page" }}>
            {label}
          </Link>
        ))}
      </nav>
      <Inside key={project} />
    </div>
  );
}

/** One's own tokens, and the settings of the system as far as one may see them. */
export function SystemSettings() {
  return (
    <div className={styles.frame}>
      <nav aria-label="Settings" className={styles.nav}>
        {OF_SYSTEM.map(([to, label]) => (
          <Link key={to} to={to} activeOptions={{ exact: to === OF_SYSTEM[0][0] }} activeProps={{ "aria-current": "page" }}>
            {label}
          </Link>
        ))}
      </nav>
      <Inside />
    </div>
  );
}

function Inside() {
  return (
    <div className={`${page.page} ${styles.inside}`}>
      <Guarded instead={(error) => <Problem what="This part" error={error} retry={() => location.reload()} />}>
        <Outlet />
      </Guarded>
    </div>
  );
}
