import { useMemo, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { path } from "@/shared/api/paths.ts";
import { useShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { useServices } from "@/shared/services.ts";
import { DiffView } from "@/shared/diff/DiffView.tsx";
import type { PlannedFile, PlannedObject, Variant } from "./read.ts";
import styles from "./plan.module.css";

export interface PlanFilesProps {
  readonly project: string;
  readonly planId: string;
  readonly variant: Variant;
  readonly isSplit: boolean;
  readonly onSplit: (isSplit: boolean) => void;
}

const MOST_FILES = 200;

/** The files that would differ, or the objects that they render; each opens to its lines. */
export function PlanFiles({ project, planId, variant, isSplit, onSplit }: PlanFilesProps) {
  const [isRendered, setRendered] = useState(false);
  const [opened, setOpened] = useState<Readonly<Record<string, boolean>>>({});
  const box = useRef<HTMLDivElement>(null);
  const entries = isRendered ? variant.objects.map(ofObject) : variant.files.map(ofFile);
  const shortcuts = useMemo(
    () => [
      { keys: "n", label: "Next change", group: "Plan", run: () => step(box.current, 1) },
      { keys: "N", label: "Change before", group: "Plan", run: () => step(box.current, -1) },
      { keys: "u", label: "Lines below one another", group: "Plan", run: () => onSplit(false) },
      { keys: "s", label: "Lines side by side", group: "Plan", run: () => onSplit(true) },
    ],
    [onSplit],
  );
  useShortcuts(shortcuts);
  if (variant.files.length === 0 && variant.objects.length === 0) {
    return <p className={styles.muted}>{variant.calls.length === 0 ? "This move changes no file and calls nobody." : "This move changes no file; these calls remain:"}</p>;
  }
  const isOpen = (id: string, place: number) => opened[id] ?? (place === 0 && entries.length <= 20);
  return (
    <div ref={box} className={styles.files}>
      <div className={styles.tools}>
        {variant.objects.length > 0 && (
          <Switch label="What is shown" first="Files" second="Rendered objects" isSecond={isRendered} onChange={setRendered} />
        )}
        <Switch label="How lines stand" first="Unified" second="Split" isSecond={isSplit} onChange={onSplit} />
      </div>
      <ul>
        {entries.slice(0, MOST_FILES).map((each, place) => (
          <li key={each.id} data-file={each.title}>
            <button type="button" className={styles.file} aria-expanded={isOpen(each.id, place)} onClick={() => setOpened((was) => ({ ...was, [each.id]: !isOpen(each.id, place) }))}>
              <span className={styles.path}>{each.title}</span>
              {each.note !== "" && <span className={styles.muted}>{each.note}</span>}
              <span className={styles.plus}>+{each.added}</span>
              <span className={styles.minus}>−{each.removed}</span>
            </button>
            {isOpen(each.id, place) && !each.isBinary && <Lines project={project} planId={planId} below={each.below} title={each.title} isSplit={isSplit} />}
          </li>
        ))}
      </ul>
      {entries.length > MOST_FILES && <p className={styles.muted}>{entries.length - MOST_FILES} more are not listed; <code>towpath plan --diff</code> has them all.</p>}
    </div>
  );
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly added: number;
  readonly removed: number;
  readonly isBinary: boolean;
  /** Where its lines are asked for, below the plan. */
  readonly below: string;
}

const ofFile = (file: PlannedFile): Entry => ({ ...file, title: file.path, note: file.isBinary ? "binary" : "", below: `files/${file.id}` });
const ofObject = (found: PlannedObject): Entry => ({
  ...found,
  title: `${found.kind} ${found.namespace === "" ? "" : `${found.namespace}/`}${found.name}`,
  note: found.change,
  isBinary: false,
  below: `objects/${found.id}`,
});

interface WireLines {
  readonly patch: string;
  readonly isCut: boolean;
}

function Lines({ project, planId, below, title, isSplit }: { readonly project: string; readonly planId: string; readonly below: string; readonly title: string; readonly isSplit: boolean }) {
  const { api } = useServices();
  const { data, error, refetch } = useQuery({
    queryKey: ["plan-lines", project, planId, below],
    queryFn: ({ signal }) => api.get<WireLines>(`${path`towpath/v1/projects/${project}/plans/${planId}`}/${below}`, signal),
    staleTime: Infinity,
  });
  if (error !== null) return <Problem what={title} error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what={title} rows={3} />;
  return (
    <div className={styles.lines}>
      <DiffView patch={data.patch} label={`What changes in ${title}`} isSplit={isSplit} />
      <p className={styles.under}>
        {data.isCut && <span>Only its first lines are kept; the file is larger.</span>}
        <button type="button" className={styles.link} onClick={() => void navigator.clipboard.writeText(data.patch)}>
          Copy as patch
        </button>
      </p>
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly first: string;
  readonly second: string;
  readonly isSecond: boolean;
  readonly onChange: (isSecond: boolean) => void;
}

function Switch({ label, first, second, isSecond, onChange }: SwitchProps) {
  return (
    <div className={styles.switch} role="group" aria-label={label}>
      <button type="button" aria-pressed={!isSecond} onClick={() => onChange(false)}>
        {first}
      </button>
      <button type="button" aria-pressed={isSecond} onClick={() => onChange(true)}>
        {second}
      </button>
    </div>
  );
}

/** Go to the change after or before the one that was gone to last. */
function step(box: HTMLElement | null, by: 1 | -1): void {
  const rows = [...(box?.querySelectorAll<HTMLElement>("tr[data-change]") ?? [])].filter((row) => row.previousElementSibling?.matches("tr[data-change]") !== true);
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.dataset.current !== undefined);
  const next = rows[(at === -1 ? (by === 1 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length)];
  for (const row of rows) delete row.dataset.current;
  if (next === undefined) return;
  next.dataset.current = "";
  next.scrollIntoView({ block: "center" });
}
