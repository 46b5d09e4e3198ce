import { useNavigate } from "@tanstack/react-router";
import { kindOf } from "@/shared/manifest/kinds.ts";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import { namedIn } from "@/shared/manifest/useManifest.ts";
import page from "@/shared/parts/page.module.css";
import { NoSuchKind } from "./EditPage.tsx";
import { templateOf } from "./templates.ts";

/** A new Project: whoever makes it administers it. */
export function NewProjectPage() {
  const navigate = useNavigate();
  const kind = kindOf("Project");
  if (kind === undefined) return <NoSuchKind kind="Project" />;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>New Project</h1>
        <span className={page.muted}>You administer it once it is made; Warehouses and Stages come next.</span>
      </header>
      <ManifestForm subject={{ kind, namespace: "", name: "", template: templateOf("project", "") }} onSaved={(text) => void navigate({ to: "/p/$project/settings/objects", params: { project: namedIn(text) } })} />
    </div>
  );
}
