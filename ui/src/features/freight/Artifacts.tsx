import page from "@/shared/parts/page.module.css";
import type { ArtifactRow } from "./read.ts";

export function Artifacts({ rows }: { readonly rows: readonly ArtifactRow[] }) {
  if (rows.length === 0) return null;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
    <div className={page.box} tabIndex={0} role="region" aria-label="Artifacts">
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Version</th>
            <th scope="col">Of</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              <td className={page.once}>{row.kind}</td>
              <th scope="row" className={page.mono}>
                {row.version}
              </th>
              <td>
                {row.url === "" ? (
                  row.source
                ) : (
                  <a href={row.url} target="_blank" rel="noreferrer noopener">
                    {row.source} <span aria-hidden="true">↗</span>
                  </a>
                )}
              </td>
              <td>
                {row.details.map(([name, text]) => (
                  <div key={name}>
                    <span className={page.muted}>{name} </span>
                    <span className={name === "digest" || name === "commit" ? page.mono : undefined}>{text}</span>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
