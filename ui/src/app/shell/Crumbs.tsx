import { Link, useParams, useSearch } from "@tanstack/react-router";
import styles from "./shell.module.css";

interface Params {
  readonly project?: string;
  readonly stage?: string;
  readonly freight?: string;
  readonly warehouse?: string;
  /** Of a Promotion, whose own name says nothing to people. */
  readonly id?: string;
  /** Of an object that is edited. */
  readonly name?: string;
  readonly role?: string;
}

/** The Project that one is in: the address names it, or asks for its history alone. */
export function useProject(): string | undefined {
  const { project }: Params = useParams({ strict: false });
  const search: { readonly project?: unknown } = useSearch({ strict: false });
  return project ?? (typeof search.project === "string" && search.project !== "" ? search.project : undefined);
}

/** Where one is: the Project, and what of it. */
export function Crumbs() {
  const { stage, freight, warehouse, id, name, role }: Params = useParams({ strict: false });
  const project = useProject();
  const last = stage ?? warehouse ?? freight?.slice(0, 20) ?? (id === undefined ? undefined : "Promotion") ?? name ?? role;
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      <Link to="/" className={project === undefined ? undefined : styles.first}>
        Overview
      </Link>
      {project !== undefined && (
        <>
          <span aria-hidden="true" className={styles.first}>
            /
          </span>
          {last === undefined ? (
            <span className={styles.here} aria-current="page">
              {project}
            </span>
          ) : (
            <Link to="/p/$project" params={{ project }}>
              {project}
            </Link>
          )}
        </>
      )}
      {last !== undefined && (
        <>
          <span aria-hidden="true">/</span>
          <span className={styles.here} aria-current="page">
            {last}
          </span>
        </>
      )}
    </nav>
  );
}

/** The other pages of a Project. */
export function ProjectLinks() {
  const project = useProject();
  if (project === undefined) return null;
  return (
    <nav aria-label="Project" className={styles.links}>
      <Link to="/p/$project" params={{ project }} activeOptions={{ exact: true, includeSearch: false }} activeProps={{ "aria-current": "page" }}>
        Board
      </Link>
      <Link to="/history" search={{ project }} activeProps={{ "aria-current": "page" }}>
        History
      </Link>
      <Link to="/p/$project/compare" params={{ project }} activeProps={{ "aria-current": "page" }}>
        Compare
      </Link>
      <Link to="/p/$project/settings" params={{ project }} activeProps={{ "aria-current": "page" }}>
        Settings
      </Link>
    </nav>
  );
}
