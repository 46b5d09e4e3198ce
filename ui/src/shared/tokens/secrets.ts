/** API tokens of roles, as their Secrets show them. */
import type { WireSecret, WireSecrets } from "../api/documents.ts";
import { seconds } from "../api/paths.ts";
import { person } from "../people.ts";
import type { ShownToken } from "./TokenTable.tsx";

const EXPIRES = "towpath.dev/expires";
const LAST_USED = "towpath.dev/last-used";

export function tokensIn(secrets: WireSecrets): readonly ShownToken[] {
  return secrets.items.map((each) => {
    const metadata = (each.metadata ?? {}) as { readonly name?: string; readonly creationTimestamp?: string; readonly annotations?: Readonly<Record<string, string>> };
    const noted = metadata.annotations ?? {};
    return {
      name: metadata.name ?? "",
      description: noted["kargo.akuity.io/description"] ?? "",
      by: person(noted["kargo.akuity.io/create-actor"] ?? ""),
      created: seconds(metadata.creationTimestamp),
      expires: seconds(noted[EXPIRES]),
      used: seconds(noted[LAST_USED]),
    };
  });
}

/** The token itself, which the answer to its making has, this once. */
export function tokenOf(secret: WireSecret): string {
  const found = (secret.data as Readonly<Record<string, string>> | undefined)?.token ?? "";
  try {
    return atob(found);
  } catch {
    return "";
  }
}
