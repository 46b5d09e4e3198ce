import type { NewToken as WireNewToken, OwnTokens } from "@/shared/api/documents.ts";
import { path, seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";
import { NewToken, type TokenForm } from "@/shared/tokens/NewToken.tsx";
import { TokenList } from "@/shared/tokens/TokenList.tsx";
import { Sessions } from "./Sessions.tsx";

const TOKENS = "towpath/v1/me/tokens";

/** One's own tokens for scripts, and where one is signed in. */
export function OwnTokensPage() {
  const { api } = useServices();
  const { data, error, retry } = useAsked<OwnTokens>(TOKENS);
  const revoke = async (name: string) => {
    await api.send("DELETE", `${TOKENS}/${path`${name}`}`);
    retry();
  };
  const make = async ({ name, days }: TokenForm) => (await api.send("POST", TOKENS, { name, ttl: `${days * 24}h` })) as WireNewToken;
  const tokens = data?.items.map((each) => ({ name: each.name, description: "", by: "", created: seconds(each.created), expires: seconds(each.expires), used: seconds(each.used) }));
  return (
    <>
      <header className={page.head}>
        <h1>Your tokens</h1>
      </header>
      <p className={page.note}>A token acts with your rights, for scripts and the command line. It is shown once, and what is done with it is recorded as yours with its name.</p>
      <Section title="A new one">
        <NewToken draft="form:own-token" hint="Small letters, digits, dashes and dots" most={63} days={30} offered={[1, 7, 30, 90]} make={make} onMade={retry} />
      </Section>
      <Section title="Those that there are" note={tokens === undefined ? undefined : `${tokens.length} of at most 50`}>
        <TokenList label="Your tokens" empty="You have no token" tokens={tokens} error={error} retry={retry} why="" revoke={revoke} />
      </Section>
      <Sessions />
    </>
  );
}
