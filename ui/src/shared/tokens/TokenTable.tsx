import { Age } from "../parts/Age.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { When } from "../parts/When.tsx";
import page from "../parts/page.module.css";
import { useNow } from "../services.ts";
import { zoneWords } from "../time/words.ts";

export interface ShownToken {
  readonly name: string;
  readonly description: string;
  readonly by: string;
  /** Seconds since 1970; 0: it has none, or it is not known. */
  readonly created: number;
  readonly expires: number;
  readonly used: number;
}

export interface TokenTableProps {
  readonly label: string;
  readonly tokens: readonly ShownToken[];
  readonly why: string;
  readonly revoke: (name: string) => Promise<unknown>;
}

/** Tokens without what they are: since when, until when, when each was shown last. */
export function TokenTable({ label, tokens, why, revoke }: TokenTableProps) {
  const now = useNow(60);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
    <div className={page.box} tabIndex={0} role="region" aria-label={label}>
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Made ({zoneWords(now)})</th>
            <th scope="col">Ends</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="hidden">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((each) => (
            <tr key={each.name}>
              <th scope="row">
                {each.name}
                {each.description !== "" && <p className={page.muted}>{each.description}</p>}
              </th>
              <td>
                <When at={each.created} />
                {each.by !== "" && <span className={page.muted}> by {each.by}</span>}
              </td>
              <td>{each.expires === 0 ? "when it is revoked" : each.expires <= now ? "it has ended" : <When at={each.expires} />}</td>
              <td>
                {each.used === 0 ? (
                  "never"
                ) : (
                  <>
                    <Age since={each.used} /> ago
                  </>
                )}
              </td>
              <td>
                <Confirm label="Revoke" confirm={`Revoke ${each.name}`} what="Whoever uses it is refused from the next request on." why={why} run={() => revoke(each.name)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
