import type { SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import type { NewToken, OwnTokens } from "@/shared/api/documents.ts";
import { path, seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useKeptForm } from "@/shared/drafts/useKeptForm.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { ShownOnce } from "@/shared/parts/ShownOnce.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";
import { Lifetime } from "@/shared/tokens/Lifetime.tsx";
import { TokenTable } from "@/shared/tokens/TokenTable.tsx";
import { Sessions } from "./Sessions.tsx";

const TOKENS = "towpath/v1/me/tokens";
const EMPTY = { name: "", days: 30 };

/** One's own tokens for scripts, and where one is signed in. */
export function OwnTokensPage() {
  const { api } = useServices();
  const { data, error, retry } = useAsked<OwnTokens>(TOKENS);
  const revoke = async (name: string) => {
    await api.send("DELETE", `${TOKENS}/${path`${name}`}`);
    retry();
  };
  const tokens = data?.items.map((each) => ({ name: each.name, description: "", by: "", created: seconds(each.created), expires: seconds(each.expires), used: seconds(each.used) }));
  return (
    <>
      <header className={page.head}>
        <h1>Your tokens</h1>
      </header>
      <p className={page.note}>A token acts with your rights, for scripts and the command line. It is shown once, and what is done with it is recorded as yours with its name.</p>
      <Make onMade={retry} />
      <Section title="Those that there are" note={tokens === undefined ? undefined : `${tokens.length} of at most 50`}>
        {error !== null && <Problem what="Your tokens" error={error} retry={retry} />}
        {tokens === undefined && error === null && <Loading what="your tokens" rows={2} />}
        {tokens?.length === 0 && <Empty title="You have no token" />}
        {tokens !== undefined && tokens.length > 0 && <TokenTable label="Your tokens" tokens={tokens} why="" revoke={revoke} />}
      </Section>
      <Sessions />
    </>
  );
}

function Make({ onMade }: { readonly onMade: () => void }) {
  const { api } = useServices();
  const [form, change, clear] = useKeptForm("form:own-token", EMPTY);
  const make = useMutation({
    mutationFn: async () => (await api.send("POST", TOKENS, { name: form.name, ttl: `${form.days * 24}h` })) as NewToken,
    onSuccess: () => {
      clear();
      onMade();
    },
    gcTime: 0,
  });
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Section title="A new one">
      <form className={page.row} onSubmit={onSubmit}>
        <Field label="Name" hint="Small letters, digits, dashes and dots" value={form.name} most={63} isRequired onChange={(name) => change({ name })} />
        <Lifetime days={form.days} offered={[1, 7, 30, 90]} onChange={(days) => change({ days })} />
        <ActButton look="primary" type="submit" isBusy={make.isPending}>
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
