import type { WireSecrets } from "@/shared/api/documents.ts";
import { path } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { configOf } from "@/shared/manifest/configs.ts";
import { at, type Fields } from "@/shared/manifest/fields.ts";
import { ListForm } from "@/shared/manifest/ListForm.tsx";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import type { Path } from "@/shared/manifest/text.ts";
import { CopyText } from "@/shared/parts/CopyText.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";
import { Came } from "./Came.tsx";
import { SENDERS, addressOf, readReceiver, withSender } from "./receivers.ts";

const SECRETS = "secrets-of-receivers";
const RECEIVERS: Path = ["spec", "webhookReceivers"];

/** Addresses that registries and Git servers call when something is new; of a Project, or of the system where `project` is empty. */
export function WebhooksPage({ project }: { readonly project: string }) {
  const subject = configOf(project);
  const secrets = useAsked<WireSecrets>(`${project === "" ? "v1beta1/system" : path`v1beta1/projects/${project}`}/generic-credentials`);
  if (subject === null) return null;
  const names = (secrets.data?.items ?? []).map((each) => (each.metadata as { readonly name?: string } | undefined)?.name ?? "");
  return (
    <>
      <header className={page.head}>
        <h1>{project === "" ? "Webhooks for all Projects" : "Webhooks"}</h1>
      </header>
      <p className={page.note}>
        A Warehouse looks at its sources every so often; a webhook has it look at once. Each receiver has an address of its own, which is made with its secret: a generic credential.
      </p>
      <ManifestForm subject={subject} form={(fields) => <Receivers fields={fields} secrets={names} />} />
      <Came project={project} />
    </>
  );
}

function Receivers({ fields, secrets }: { readonly fields: Fields; readonly secrets: readonly string[] }) {
  return (
    <>
      <datalist id={SECRETS}>
        {secrets.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <ListForm fields={fields} path={RECEIVERS} one="receiver" title="Receivers" empty="No receiver: nothing is told from outside." make={() => ({ name: "", github: { secretRef: { name: "" } } })}>
        {(path_, place) => <ReceiverFields fields={fields} path={path_} place={place} />}
      </ListForm>
    </>
  );
}

function ReceiverFields({ fields, path: here, place }: { readonly fields: Fields; readonly path: Path; readonly place: number }) {
  const member = at(fields.value, here);
  const { name, sender, secret } = readReceiver(member);
  const field = `spec.webhookReceivers[${place}]`;
  const address = name === "" ? "" : addressOf(fields.object, name);
  return (
    <>
      <Field label={`Name of receiver ${place + 1}`} value={name} wrong={fields.wrong(`${field}.name`)} onChange={(text) => fields.set([...here, "name"], text)} />
      <label className={page.field}>
        Sender
        <select className={page.input} value={sender} aria-label={`Sender of receiver ${place + 1}`} onChange={(event) => fields.set(here, withSender(member, event.target.value))}>
          {sender === "" && <option value="">choose one</option>}
          {Object.entries(SENDERS).map(([value, said]) => (
            <option key={value} value={value}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <Field label={`Secret of receiver ${place + 1}`} hint="A generic credential, by its name" list={SECRETS} value={secret} wrong={fields.wrong(`${field}.${sender}`)} onChange={(text) => fields.set([...here, sender, "secretRef", "name"], text)} />
      <div className={page.field}>
        <span>Address, to be entered at the sender</span>
        {address === "" ? <span>It is there once this is saved and the secret is found.</span> : <CopyText text={address} label={`the address of ${name}`} />}
      </div>
      {sender === "generic" && <p className={page.muted}>What it does is said by its actions, in its YAML.</p>}
    </>
  );
}
