import { Link, useParams } from "@tanstack/react-router";
import type { WireBoard } from "@/shared/api/documents.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { collectionPath, groupOf, kindOf, type EditedKind } from "@/shared/manifest/kinds.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useDocument } from "@/shared/services.ts";
import { boardOf } from "@/shared/stream/topics.ts";
import { NEW_KINDS } from "./templates.ts";
import styles from "./manifests.module.css";

/** More are not listed: whoever has so many finds them by name. */
const MOST = 200;
/** The board has the first two, and keeps them right. */
const OTHERS = NEW_KINDS.slice(2);

/** What a Project is made of, each to edit, and new ones. */
export function ObjectsPage() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  const { document, error, retry } = useDocument<WireBoard>(boardOf(project));
  const [warehouses, stages] = [document?.lanes?.map((each) => each.name), document?.stages?.map((each) => each.name)];
  return (
    <>
      <header className={page.head}>
        <h1>Objects of {project}</h1>
      </header>
      <div className={page.columns}>
        <Names project={project} kind="Warehouse" names={document === null ? undefined : (warehouses ?? [])} error={error} retry={retry} />
        <Names project={project} kind="Stage" names={document === null ? undefined : (stages ?? [])} error={error} retry={retry} />
        {OTHERS.map((kind) => (
          <Listed key={kind} project={project} kind={kind} />
        ))}
      </div>
    </>
  );
}

interface WireList {
  readonly items?: readonly { readonly metadata?: { readonly name?: string } }[];
}

function Listed({ project, kind }: { readonly project: string; readonly kind: string }) {
  const found = kindOf(kind);
  const { data, error, retry } = useAsked<WireList>(found === undefined ? "" : `${collectionPath(found, project)}?limit=${MOST}`, "", found !== undefined);
  return <Names project={project} kind={kind} names={data?.items?.flatMap((each) => each.metadata?.name ?? [])} error={error} retry={retry} />;
}

interface NamesProps {
  readonly project: string;
  readonly kind: string;
  readonly names: readonly string[] | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

function Names({ project, kind, names, error, retry }: NamesProps) {
  const found = kindOf(kind);
  if (found === undefined) return null;
  return (
    <Section title={found.many} note={<New project={project} kind={found} />}>
      {error !== null && names === undefined && <Problem what={found.many} error={error} retry={retry} />}
      {names === undefined && error === null && <Loading what={found.many} rows={1} />}
      {names?.length === 0 && <Empty title="None yet" />}
      {names !== undefined && names.length > 0 && (
        <ul className={styles.names}>
          {names.slice(0, MOST).map((name) => (
            <li key={name}>
              <Link className={page.textLink} to="/p/$project/edit/$kind/$name" params={{ project, kind: kind.toLowerCase(), name }}>
                {name}
              </Link>
            </li>
          ))}
          {names.length > MOST && <li className={page.muted}>and {names.length - MOST} more, which search finds</li>}
        </ul>
      )}
    </Section>
  );
}

function New({ project, kind }: { readonly project: string; readonly kind: EditedKind }) {
  const why = useWhyNot({ verb: "create", group: groupOf(kind), resource: kind.plural, namespace: project });
  if (why !== "") return <span className={page.why}>{why}</span>;
  return (
    <Link className={page.textLink} to="/p/$project/new/$kind" params={{ project, kind: kind.kind.toLowerCase() }}>
      New
    </Link>
  );
}
