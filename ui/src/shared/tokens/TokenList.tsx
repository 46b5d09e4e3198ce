import { Empty, Loading, Problem } from "../parts/Panel.tsx";
import { TokenTable, type ShownToken } from "./TokenTable.tsx";

export interface TokenListProps {
  readonly label: string;
  /** Said where there is none. */
  readonly empty: string;
  /** Undefined while nobody knows. */
  readonly tokens: readonly ShownToken[] | undefined;
  readonly error: unknown;
  readonly retry: () => void;
  /** Why none can be revoked; empty where they can. */
  readonly why: string;
  readonly revoke: (name: string) => Promise<unknown>;
}

/** The tokens that there are, in each state that a list has. */
export function TokenList({ label, empty, tokens, error, retry, why, revoke }: TokenListProps) {
  return (
    <>
      {error !== null && <Problem what={label} error={error} retry={retry} />}
      {tokens === undefined && error === null && <Loading what={label.toLowerCase()} rows={2} />}
      {tokens?.length === 0 && <Empty title={empty} />}
      {tokens !== undefined && tokens.length > 0 && <TokenTable label={label} tokens={tokens} why={why} revoke={revoke} />}
    </>
  );
}
