/** The ways in: an administrator's password, a token, a provider that the organisation has. */
import { ApiError, type Api, type Credentials } from "../api/client.ts";
import type { Session } from "./session.ts";

const PATH = "towpath/v1/session";
/** Whoever is known may ask for it: with it a token is tried. */
const KNOWN = "v1beta1/system/server-config";

interface SessionAnswer {
  readonly user?: string;
  readonly name?: string;
  readonly csrf?: string;
}

export interface Ways {
  readonly password: boolean;
  readonly provider: { readonly name: string; readonly url: string } | null;
}

/** Ask the server who the browser's cookie is of. */
export async function resume(api: Api, session: Session): Promise<void> {
  try {
    const found = await api.get<SessionAnswer>(PATH);
    session.signedIn({ name: found.name ?? found.user ?? "" }, { kind: "session", csrf: found.csrf ?? "" });
  } catch (error) {
    if (error instanceof ApiError) session.signedOut();
    else throw error;
  }
}

/** Sign in for as long as this page is open. Raises ApiError for a token that the server does not know. */
export async function withToken(make: (credentials: Credentials) => Api, session: Session, token: string): Promise<void> {
  const credentials: Credentials = { kind: "token", token: token.trim() };
  await make(credentials).get(KNOWN);
  session.signedIn({ name: "token" }, credentials);
}

/** Raises ApiError for a wrong password. */
export async function withPassword(api: Api, session: Session, password: string): Promise<void> {
  const found = (await api.send("POST", PATH, { password })) as SessionAnswer;
  session.signedIn({ name: found.name ?? found.user ?? "admin" }, { kind: "session", csrf: found.csrf ?? "" });
}

/** End the session here and on the server. */
export async function signOut(api: Api, session: Session): Promise<void> {
  if (session.credentials().kind === "session") await api.send("DELETE", PATH).catch(() => undefined);
  session.signedOut();
}

/** Which ways in this server has. */
export async function ways(api: Api): Promise<Ways> {
  const found = await api.get<{ adminAccountEnabled?: boolean; oidcConfig?: { issuerUrl?: string } | null }>("v1beta1/system/public-server-config");
  const issuer = found.oidcConfig?.issuerUrl;
  return {
    password: found.adminAccountEnabled ?? false,
    provider: issuer === undefined ? null : { name: new URL(issuer).hostname, url: "towpath/v1/session/oidc" },
  };
}
