import { path } from "@/shared/api/paths.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Confirm } from "@/shared/parts/Confirm.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import type { Credential, Place } from "./read.ts";

export interface CredentialTableProps {
  readonly place: Place;
  readonly credentials: readonly Credential[];
  readonly onEdit: (credential: Credential) => void;
  readonly onChanged: () => void;
}

/** What each is for; its values are nowhere. */
export function CredentialTable({ place, credentials, onEdit, onChanged }: CredentialTableProps) {
  const { api } = useServices();
  const of = { group: "", resource: "secrets", namespace: place.namespace };
  const [noChanging, noDeleting] = [useWhyNot({ verb: "patch", ...of }), useWhyNot({ verb: "delete", ...of })];
  const remove = async (each: Credential) => {
    await api.send("DELETE", `${place.base}/${each.type === "generic" ? "generic" : "repo"}-credentials/${path`${each.name}`}`);
    onChanged();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
    <div className={page.box} tabIndex={0} role="region" aria-label="Credentials">
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">For</th>
            <th scope="col">Opens</th>
            <th scope="col">Holds</th>
            <th scope="col">
              <span className="hidden">Change, delete</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {credentials.map((each) => (
            <tr key={`${each.type}/${each.name}`}>
              <th scope="row">
                {each.name}
                {each.description !== "" && <p className={page.muted}>{each.description}</p>}
              </th>
              <td className={page.once}>{each.type}</td>
              <td className={page.mono}>
                {each.isPattern && <span className={page.kind}>pattern </span>}
                {each.url || "–"}
              </td>
              <td>
                {each.username === "" ? each.keys.join(", ") : `as ${each.username}`}
                {each.by !== "" && <p className={page.muted}>by {each.by}</p>}
              </td>
              <td>
                <span className={page.row}>
                  <ActButton why={noChanging} onClick={() => onEdit(each)}>
                    {`Change ${each.name}`}
                  </ActButton>
                  <Confirm label="Delete" confirm={`Delete ${each.name}`} what="What needs it fails from its next try on." why={noDeleting} run={() => remove(each)} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
