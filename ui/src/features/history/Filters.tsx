import { useNavigate } from "@tanstack/react-router";
import page from "@/shared/parts/page.module.css";
import type { HistorySearch } from "./read.ts";
import styles from "./history.module.css";

const TEXTS = [
  ["project", "Project", "any"],
  ["stage", "Stage", "any"],
  ["freight", "Freight", "name"],
  ["actor", "Who", "email:eva@example.com"],
] as const;
const KINDS = [
  ["", "Promotions"],
  ["verification", "Verifications"],
  ["approval", "Approvals"],
] as const;
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  "": ["Pending", "Running", "Succeeded", "Failed", "Errored", "Aborted"],
  verification: ["Pending", "Running", "Successful", "Failed", "Error", "Aborted", "Inconclusive"],
  approval: [],
};

/** Filters, all of them in the address. */
export function Filters({ search }: { readonly search: HistorySearch }) {
  const navigate = useNavigate();
  const change = (next: HistorySearch) => {
    const kept = Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value !== ""));
    void navigate({ to: "/history", search: kept, replace: true });
  };
  const kind = search.kind ?? "";
  return (
    <search className={styles.filters}>
      {TEXTS.map(([name, label, hint]) => (
        <label key={name} className={page.field}>
          {label}
          <input
            className={page.input}
            defaultValue={search[name] ?? ""}
            key={search[name] ?? ""}
            placeholder={hint}
            onBlur={(event) => event.target.value !== (search[name] ?? "") && change({ [name]: event.target.value })}
            onKeyDown={(event) => event.key === "Enter" && change({ [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      <label className={page.field}>
        Kind
        <select className={page.input} value={kind} onChange={(event) => change({ kind: event.target.value, result: "" })}>
          {KINDS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className={page.field}>
        Result
        <select className={page.input} value={search.result ?? ""} onChange={(event) => change({ result: event.target.value })}>
          <option value="">any</option>
          {(RESULTS[kind] ?? []).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label className={page.field}>
        From
        <input type="date" className={page.input} value={day(search.from)} onChange={(event) => change({ from: event.target.value })} />
      </label>
      <label className={page.field}>
        To
        <input type="date" className={page.input} value={day(search.to)} onChange={(event) => change({ to: event.target.value })} />
      </label>
    </search>
  );
}

const day = (text: string | undefined): string => (text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : "");
