import { useState } from "react";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { usePromotionObject } from "./object.ts";
import { yaml } from "@/shared/manifest/yaml.ts";
import styles from "./promotion.module.css";

/** The object itself, asked for when it is opened. */
export function Raw({ project, name, rev }: { readonly project: string; readonly name: string; readonly rev: number }) {
  const [isOpen, setOpen] = useState(false);
  const { data, error, refetch } = usePromotionObject(project, name, rev, isOpen);
  return (
    <details className={styles.raw} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>YAML of {name}</summary>
      {error !== null && <Problem what="The object" error={error} retry={() => void refetch()} />}
      {isOpen && data === undefined && error === null && <Loading what="the object" rows={4} />}
      {data !== undefined && isOpen && <pre className={styles.code}>{yaml(data)}</pre>}
    </details>
  );
}
