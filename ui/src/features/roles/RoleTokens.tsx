import type { SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import type { WireSecret, WireSecrets } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useKeptForm } from "@/shared/drafts/useKeptForm.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { ShownOnce } from "@/shared/parts/ShownOnce.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import { Lifetime } from "@/shared/tokens/Lifetime.tsx";
import { TokenTable } from "@/shared/tokens/TokenTable.tsx";
import { tokenOf, tokensIn } from "@/shared/tokens/secrets.ts";

const EMPTY = { name: "", description: "", days: 90 };
const DAY = 86_400;

/** The tokens of a role, for programs. */
export function RoleTokens({ project, role }: { readonly project: string; readonly role: string }) {
  const { api, serverClock } = useServices();
  const base = project === "" ? "v1beta1/system" : path`v1beta1/projects/${project}`;
  const namespace = project || "kargo";
  const { data, error, retry } = useAsked<WireSecrets>(`${base}/api-tokens${query({ role })}`);
  const [noMaking, noRevoking] = [
    useWhyNot({ verb: "create", group: "", resource: "secrets", namespace }),
    useWhyNot({ verb: "delete", group: "", resource: "secrets", namespace }),
  ];
  const [form, change, clear] = useKeptForm(`form:token:${namespace}/${role}`, EMPTY);
  const make = useMutation({
    mutationFn: async () => {
      const ends = new Date((serverClock.seconds() + form.days * DAY) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
      const body = { name: form.name, ...(form.description === "" ? {} : { description: form.description }), ...(form.days === 0 ? {} : { expiresAt: ends }) };
      return { name: form.name, token: tokenOf((await api.send("POST", `${base}/roles/${path`${role}`}/api-tokens`, body)) as WireSecret) };
    },
    onSuccess: () => {
      clear();
      retry();
    },
    gcTime: 0,
  });
  const revoke = async (name: string) => {
    await api.send("DELETE", `${base}/api-tokens/${path`${name}`}`);
    retry();
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const tokens = data === undefined ? undefined : tokensIn(data);
  return (
    <Section title="Tokens of it" note="for programs, with the rights of the role">
      {error !== null && <Problem what="The tokens" error={error} retry={retry} />}
      {tokens === undefined && error === null && <Loading what="the tokens" rows={1} />}
      {tokens?.length === 0 && <Empty title="There is no token of this role" />}
      {tokens !== undefined && tokens.length > 0 && <TokenTable label="Tokens" tokens={tokens} why={noRevoking} revoke={revoke} />}
      <form className={page.row} onSubmit={onSubmit} aria-label="A new token">
        <Field label="Name of a new token" value={form.name} isRequired isOff={noMaking !== ""} onChange={(name) => change({ name })} />
        <Field label="What for (may be left out)" value={form.description} isOff={noMaking !== ""} onChange={(description) => change({ description })} />
        <Lifetime days={form.days} offered={[7, 30, 90, 365, 0]} onChange={(days) => change({ days })} />
        <ActButton look="primary" type="submit" why={noMaking} isBusy={make.isPending}>
          Make the token
        </ActButton>
      </form>
      {make.error !== null && (
        <p role="alert" className={page.refused}>
          {words(make.error)}
        </p>
      )}
      {make.data !== undefined && <ShownOnce token={make.data.token} name={make.data.name} onClose={make.reset} />}
    </Section>
  );
}
