import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import type { WireRole } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import { NewRole } from "./NewRole.tsx";
import { readRole, whoHas } from "./read.ts";

/** Roles of a Project, or of the system where `project` is empty: who has each, and how much it may. */
export function RolesPage({ project }: { readonly project: string }) {
  const address = project === "" ? "v1beta1/system/roles" : path`v1beta1/projects/${project}/roles`;
  const { data, error, retry } = useAsked<readonly WireRole[]>(address);
  const roles = useMemo(() => data?.map(readRole), [data]);
  return (
    <>
      <header className={page.head}>
        <h1>{project === "" ? "Roles of the system" : `Roles of ${project}`}</h1>
      </header>
      <p className={page.note}>
        {project === ""
          ? "They count in every Project. Who has them is said by the operator's configuration; programs get tokens of them here."
          : "A role says whom it is for, by what the identity provider claims of people, and what they may do in this Project. Programs get tokens of it."}
      </p>
      {error !== null && <Problem what="The roles" error={error} retry={retry} />}
      {roles === undefined && error === null && <Loading what="the roles" />}
      {roles?.length === 0 && <Empty title="There is no role" />}
      {roles !== undefined && roles.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
        <div className={page.box} tabIndex={0} role="region" aria-label="Roles">
          <table className={page.table}>
            <thead>
              <tr>
                <th scope="col">Role</th>
                <th scope="col">Who has it</th>
                <th scope="col" className={page.number}>
                  Rules
                </th>
                <th scope="col">Changed</th>
              </tr>
            </thead>
            <tbody>
              {roles.map((each) => (
                <tr key={each.name}>
                  <th scope="row">
                    {project === "" ? (
                      <Link to="/settings/roles/$role" params={{ role: each.name }}>
                        {each.name}
                      </Link>
                    ) : (
                      <Link to="/p/$project/settings/roles/$role" params={{ project, role: each.name }}>
                        {each.name}
                      </Link>
                    )}
                    {each.description !== "" && <p className={page.muted}>{each.description}</p>}
                  </th>
                  <td>{whoHas(each)}</td>
                  <td className={page.number}>{each.rules.length}</td>
                  <td>{each.isManaged ? "here" : "by its objects"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {project !== "" && <NewRole project={project} />}
    </>
  );
}
