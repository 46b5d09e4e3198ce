import { useId, type ReactNode } from "react";
import page from "./page.module.css";

export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it, as the server says; empty: nothing. */
  readonly wrong?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "password" | "datetime-local";
  readonly isRequired?: boolean;
  readonly isOff?: boolean;
  readonly isFirst?: boolean;
  readonly most?: number | undefined;
  readonly placeholder?: string;
  /** The id of a list of what may be meant. */
  readonly list?: string;
  /** More than one line. */
  readonly rows?: number;
}

/** A label, what is typed, how, and what is wrong with it. */
export function Field({ label, hint, wrong = "", value, onChange, type = "text", isRequired = false, isOff = false, isFirst = false, most, placeholder, list, rows }: FieldProps) {
  const [id, hintId, wrongId] = [useId(), useId(), useId()];
  const told = [...(hint === undefined ? [] : [hintId]), ...(wrong === "" ? [] : [wrongId])].join(" ");
  const common = {
    id,
    className: page.input,
    value,
    required: isRequired,
    disabled: isOff,
    maxLength: most,
    placeholder,
    autoFocus: isFirst,
    autoComplete: type === "password" ? "new-password" : "off",
    spellCheck: false,
    "aria-invalid": wrong !== "" || undefined,
    "aria-describedby": told || undefined,
  };
  return (
    <div className={page.field}>
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? <input {...common} list={list} type={type} onChange={(event) => onChange(event.target.value)} /> : <textarea {...common} rows={rows} onChange={(event) => onChange(event.target.value)} />}
      {hint !== undefined && <span id={hintId}>{hint}</span>}
      {wrong !== "" && (
        <span id={wrongId} className={page.wrong}>
          {wrong}
        </span>
      )}
    </div>
  );
}
