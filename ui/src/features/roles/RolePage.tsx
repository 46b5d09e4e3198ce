import { useMemo } from "react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { words } from "@/shared/api/client.ts";
import type { WireRole } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Confirm } from "@/shared/parts/Confirm.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import { Claims } from "./Claims.tsx";
import { RoleTokens } from "./RoleTokens.tsx";
import { Rules } from "./Rules.tsx";
import { readRole } from "./read.ts";

export interface RolePageProps {
  /** Empty: the system's. */
  readonly project: string;
  readonly role: string;
}

/** One role: who has it, what it may do, and the tokens of it. Each is given and taken by itself, so that two people do not write over one another. */
export function RolePage({ project, role }: RolePageProps) {
  const { api } = useServices();
  const base = project === "" ? "v1beta1/system/roles" : path`v1beta1/projects/${project}/roles`;
  const { data, error, retry } = useAsked<WireRole>(`${base}/${path`${role}`}`);
  const found = useMemo(() => (data === undefined ? null : readRole(data)), [data]);
  const isOfSystem = project === "";
  const lacking = useWhyNot({ verb: "update", group: "rbac.authorization.k8s.io", resource: "roles", namespace: isOfSystem ? "kargo" : project, name: role });
  const unmanaged = isOfSystem ? "Who has the system's roles is said by the operator's configuration." : "This role is changed by its objects, with kubectl: it has a ClusterRole, several Roles, or parts that were made by hand.";
  const why = found === null || !found.isManaged || isOfSystem ? unmanaged : lacking;
  const change = useMutation({
    mutationFn: ({ end, body }: { readonly end: "grants" | "revocations"; readonly body: object }) => api.send("POST", `${base}/${end}`, body),
    onSettled: retry,
  });
  const act = async (end: "grants" | "revocations", body: object): Promise<void> => {
    await change.mutateAsync({ end, body });
  };
  return (
    <>
      <header className={page.head}>
        <h1 className={page.title}>
          {role} <span className={page.kind}>{isOfSystem ? "role of the system" : "role"}</span>
        </h1>
        {!isOfSystem && found?.isManaged === true && (
          <div className={page.tools}>
            <Delete project={project} role={role} />
          </div>
        )}
      </header>
      {found !== null && found.description !== "" && <p>{found.description}</p>}
      {error !== null && <Problem what="The role" error={error} retry={retry} />}
      {found === null && error === null && <Loading what="the role" />}
      {found !== null && (
        <>
          {why !== "" && <p className={page.note}>{why}</p>}
          {change.error !== null && (
            <p role="alert" className={page.refused}>
              {words(change.error)}
            </p>
          )}
          <Claims role={found} isOff={why !== ""} isBusy={change.isPending} act={act} />
          <Rules role={found} isOff={why !== ""} isBusy={change.isPending} act={act} />
          <RoleTokens project={project} role={role} />
        </>
      )}
    </>
  );
}

function Delete({ project, role }: RolePageProps) {
  const { api } = useServices();
  const navigate = useNavigate();
  const why = useWhyNot({ verb: "delete", group: "rbac.authorization.k8s.io", resource: "roles", namespace: project, name: role });
  const run = async () => {
    await api.send("DELETE", path`v1beta1/projects/${project}/roles/${role}`);
    await navigate({ to: "/p/$project/settings/roles", params: { project } });
  };
  return <Confirm label="Delete the role" confirm={`Delete ${role}`} what="Whoever has it loses it at once, and its tokens end." why={why} run={run} />;
}
