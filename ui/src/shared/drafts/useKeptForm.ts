import { useCallback, useState } from "react";
import { useActor } from "../session/useActor.ts";
import { keepDraft, keptDraft } from "./store.ts";

/**
 * What is typed into a form of a few texts, kept in this tab until it is sent: it outlives a reload, and a session that ends.
 * `secrets` are never kept.
 */
export function useKeptForm<Form extends object>(address: string, empty: Form, secrets: readonly (keyof Form)[] = []): readonly [Form, (change: Partial<Form>) => void, () => void] {
  const who = useActor();
  const [form, setForm] = useState<Form>(() => ({ ...empty, ...readKept<Form>(address, who, secrets) }));
  const [owner, setOwner] = useState(who);
  if (owner === "" && who !== "") {
    // Now it is known whose drafts are looked for; what was typed before that stays.
    setOwner(who);
    if (JSON.stringify(form) === JSON.stringify(empty)) setForm({ ...empty, ...readKept<Form>(address, who, secrets) });
  }
  const change = useCallback(
    (next: Partial<Form>) => {
      const whole = { ...form, ...next };
      setForm(whole);
      const kept = Object.fromEntries(Object.entries(whole).filter(([key]) => !secrets.includes(key as keyof Form)));
      keepDraft(address, who, { base: { text: "", revision: "" }, text: JSON.stringify(kept) });
    },
    [form, address, who, secrets],
  );
  const clear = useCallback(() => {
    setForm(empty);
    keepDraft(address, who, null);
  }, [address, who, empty]);
  return [form, change, clear];
}

function readKept<Form>(address: string, who: string, secrets: readonly (keyof Form)[]): Partial<Form> {
  try {
    const found: unknown = JSON.parse(keptDraft(address, who)?.text ?? "{}");
    const entries = Object.entries(typeof found === "object" && found !== null ? found : {}).filter(([key]) => !secrets.includes(key as keyof Form));
    return Object.fromEntries(entries) as Partial<Form>;
  } catch {
    return {};
  }
}
