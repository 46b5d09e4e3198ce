import { useNavigate, useParams } from "@tanstack/react-router";
import { kindOf } from "@/shared/manifest/kinds.ts";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import { namedIn } from "@/shared/manifest/useManifest.ts";
import page from "@/shared/parts/page.module.css";
import { NoSuchKind } from "./EditPage.tsx";
import { templateOf } from "./templates.ts";

/** A new object of a Project, from a template. */
export function NewPage() {
  const { project = "", kind = "" }: { project?: string; kind?: string } = useParams({ strict: false });
  const navigate = useNavigate();
  const found = kindOf(kind);
  const template = templateOf(kind, project);
  if (found === undefined || template === "" || !found.isNamespaced) return <NoSuchKind kind={kind} />;
  const onSaved = (text: string) => void navigate({ to: "/p/$project/edit/$kind/$name", params: { project, kind: found.kind.toLowerCase(), name: namedIn(text) } });
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>New {found.said}</h1>
        <span className={page.muted}>in {project}; change what is an example</span>
      </header>
      <ManifestForm subject={{ kind: found, namespace: project, name: "", template }} onSaved={onSaved} />
    </div>
  );
}
