import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { groupOf, kindOf, objectPath } from "@/shared/manifest/kinds.ts";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import { Confirm } from "@/shared/parts/Confirm.tsx";
import { Empty } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import type { EditedKind } from "@/shared/manifest/kinds.ts";

/** Any object of a Project as YAML, looked over before it is saved. */
export function EditPage() {
  const { project = "", kind = "", name = "" }: { project?: string; kind?: string; name?: string } = useParams({ strict: false });
  const found = kindOf(kind);
  if (found === undefined) return <NoSuchKind kind={kind} />;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>
          {name} <span className={page.kind}>{found.said}</span>
        </h1>
        <div className={page.tools}>
          <PageOf project={project} kind={found.kind} name={name} />
          {found.isNamespaced && <Delete project={project} kind={found} name={name} />}
        </div>
      </header>
      <ManifestForm subject={{ kind: found, namespace: found.isNamespaced ? project : "", name }} />
    </div>
  );
}

/** What cannot be edited here, in the words of the address. */
export function NoSuchKind({ kind }: { readonly kind: string }) {
  return (
    <Empty title={`${kind} is nothing that is edited here`}>
      <p>
        <code>kubectl</code> and <code>towpath apply</code> change every kind.
      </p>
    </Empty>
  );
}

function PageOf({ project, kind, name }: { readonly project: string; readonly kind: string; readonly name: string }) {
  if (kind === "Stage")
    return (
      <Link className={page.button} to="/p/$project/stage/$stage" params={{ project, stage: name }}>
        Open the Stage
      </Link>
    );
  if (kind === "Warehouse")
    return (
      <Link className={page.button} to="/p/$project/warehouse/$warehouse" params={{ project, warehouse: name }}>
        Open the Warehouse
      </Link>
    );
  return null;
}

function Delete({ project, kind, name }: { readonly project: string; readonly kind: EditedKind; readonly name: string }) {
  const { api } = useServices();
  const navigate = useNavigate();
  const why = useWhyNot({ verb: "delete", group: groupOf(kind), resource: kind.plural, namespace: project, name });
  const run = async () => {
    await api.send("DELETE", objectPath(kind, project, name));
    await navigate({ to: "/p/$project/settings/objects", params: { project } });
  };
  return <Confirm label="Delete" confirm={`Delete ${name}`} what={`${kind.kind} ${name} is deleted for everybody, with what belongs to it alone.`} typed={name} why={why} run={run} />;
}
