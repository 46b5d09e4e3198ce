/** The ways in: an administrator's password, a token, a provider that the organisation has. */
import { ApiError, type Api, type Credentials } from "../api/client.ts";
import type { Session } from "./session.ts";

const PATH = "towpath/v1/session";

interface SessionAnswer {
  readonly actor: string;
  readonly csrfToken?: string | null;
  readonly redirectTo?: string;
}

export interface Ways {
  readonly password: boolean;
  /** Host of the organisation's identity provider; empty without one. */
  readonly provider: string;
}

/** Ask the server who the browser's cookie is of. */
export async function resume(api: Api, session: Session): Promise<void> {
  try {
    take(session, await api.get<SessionAnswer>(PATH));
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) session.signedOut();
    else throw error;
  }
}

/** Sign in for as long as this page is open. Raises ApiError for a token that the server does not know. */
export async function withToken(make: (credentials: Credentials) => Api, session: Session, token: string): Promise<void> {
  const credentials: Credentials = { kind: "token", token: token.trim() };
  const found = await make(credentials).get<SessionAnswer>(PATH);
  session.signedIn({ actor: found.actor }, credentials);
}

/** Raises ApiError for a wrong password. */
export async function withPassword(api: Api, session: Session, password: string): Promise<void> {
  take(session, (await api.send("POST", PATH, { password })) as SessionAnswer);
}

/** The page of the identity provider, which sends the browser back to `/login`. */
export async function providersPage(api: Api, redirectTo: string): Promise<string> {
  const found = (await api.send("POST", `${PATH}/oidc`, { redirectTo })) as { authorizationURL: string };
  return found.authorizationURL;
}

/** Finish what the identity provider has begun; the answer is the path that somebody came from. */
export async function withCode(api: Api, session: Session, code: string, state: string): Promise<string> {
  const found = (await api.send("POST", PATH, { code, state })) as SessionAnswer;
  take(session, found);
  return found.redirectTo ?? "/";
}

/** End the session here and on the server. */
export async function signOut(api: Api, session: Session): Promise<void> {
  if (session.credentials().kind === "session") await api.send("DELETE", PATH).catch(() => undefined);
  session.signedOut();
}

/** Which ways in this server has. */
export async function ways(api: Api): Promise<Ways> {
  const found = await api.get<{ adminAccountEnabled?: boolean; oidcConfig?: { issuerUrl?: string } | null }>("v1beta1/system/public-server-config");
  const issuer = found.oidcConfig?.issuerUrl ?? "";
  return { password: found.adminAccountEnabled ?? false, provider: URL.canParse(issuer) ? new URL(issuer).hostname : issuer };
}

function take(session: Session, found: SessionAnswer): void {
  session.signedIn({ actor: found.actor }, { kind: "session", csrf: found.csrfToken ?? "" });
}
