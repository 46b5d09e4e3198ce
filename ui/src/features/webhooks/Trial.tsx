import type { SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import type { WireReceiver, WireTrial } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { useKeptForm } from "@/shared/drafts/useKeptForm.ts";
import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";
import { receiversOf } from "@/shared/webhooks/fare.ts";
import { ReceiptTable } from "./ReceiptTable.tsx";
import { EVENTS, headersOf } from "./receivers.ts";
import styles from "./webhooks.module.css";

const EMPTY = { headers: "", body: "" };
/** Tokens of senders stand in headers. */
const SECRETS = ["headers"] as const;

/** What would come of a delivery, as if its sender had shown the secret: nobody is woken, and nothing is kept. */
export function Trial({ project, receiver }: { readonly project: string; readonly receiver: WireReceiver }) {
  const { api } = useServices();
  const address = `${receiversOf(project)}/${path`${receiver.name}`}/test`;
  const [form, change] = useKeptForm(address, EMPTY, SECRETS);
  const { headers, wrong } = headersOf(form.headers);
  const trial = useMutation({ mutationFn: async () => (await api.send("POST", address, { headers, body: form.body })) as WireTrial });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (wrong === "" && form.body !== "" && !trial.isPending) trial.mutate();
  };
  const example = EVENTS[receiver.type];
  return (
    <details>
      <summary>Try a delivery</summary>
      <form className={`${page.form} ${styles.form}`} onSubmit={send}>
        <p className={page.note}>It is answered as if its sender had shown the secret. Nobody is woken.</p>
        <Field label={`Headers to try at ${receiver.name}`} hint={example === undefined ? "One on a line, NAME: VALUE" : `One on a line, such as ${example}`} wrong={wrong} value={form.headers} rows={2} onChange={(text) => change({ headers: text })} />
        <Field label={`Body to try at ${receiver.name}`} hint="As the sender writes it" value={form.body} rows={6} onChange={(text) => change({ body: text })} />
        <div>
          <button type="submit" className={page.button} disabled={wrong !== "" || form.body === "" || trial.isPending}>
            {trial.isPending ? "Trying…" : "See what would come of it"}
          </button>
        </div>
      </form>
      {trial.error !== null && (
        <p className={page.refused} role="alert">
          It could not be tried: {words(trial.error)}
        </p>
      )}
      {trial.data !== undefined && (
        <div role="status">
          <ReceiptTable label="What would come of it" receipts={[trial.data.receipt]} isTrial />
        </div>
      )}
    </details>
  );
}
