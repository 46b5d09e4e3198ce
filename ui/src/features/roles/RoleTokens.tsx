import type { WireSecret, WireSecrets } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Section } from "@/shared/parts/Section.tsx";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import { NewToken, type TokenForm } from "@/shared/tokens/NewToken.tsx";
import { TokenList } from "@/shared/tokens/TokenList.tsx";
import { tokenOf, tokensIn } from "@/shared/tokens/secrets.ts";

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
  const make = async ({ name, description, days }: TokenForm) => {
    const ends = new Date((serverClock.seconds() + days * DAY) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
    const body = { name, ...(description === "" ? {} : { description }), ...(days === 0 ? {} : { expiresAt: ends }) };
    return { name, token: tokenOf((await api.send("POST", `${base}/roles/${path`${role}`}/api-tokens`, body)) as WireSecret) };
  };
  const revoke = async (name: string) => {
    await api.send("DELETE", `${base}/api-tokens/${path`${name}`}`);
    retry();
  };
  const tokens = data === undefined ? undefined : tokensIn(data);
  return (
    <Section title="Tokens of it" note="for programs, with the rights of the role">
      <TokenList label="Tokens" empty="There is no token of this role" tokens={tokens} error={error} retry={retry} why={noRevoking} revoke={revoke} />
      <NewToken draft={`form:token:${namespace}/${role}`} nameLabel="Name of a new token" isDescribed days={90} offered={[7, 30, 90, 365, 0]} why={noMaking} make={make} onMade={retry} />
    </Section>
  );
}
