import { Link } from "@tanstack/react-router";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { zoneWords } from "@/shared/time/words.ts";
import type { Evidence } from "./read.ts";

export interface EvidenceTableProps {
  readonly project: string;
  readonly evidence: readonly Evidence[];
}

/** On what it may go further: where it was verified and by which run, for which Stages somebody approved it. */
export function EvidenceTable({ project, evidence }: EvidenceTableProps) {
  if (evidence.length === 0) return <Section title="Evidence" note="it has not been in any Stage, and nobody approved it" />;
  const zone = zoneWords(evidence[0]?.verifiedAt);
  return (
    <Section title="Evidence">
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard */}
      <div className={page.box} tabIndex={0} role="region" aria-label="Evidence by Stage">
        <table className={page.table}>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">There since ({zone})</th>
              <th scope="col">Verified ({zone})</th>
              <th scope="col">Longest soak</th>
              <th scope="col">Approved ({zone})</th>
            </tr>
          </thead>
          <tbody>
            {evidence.map((each) => (
              <tr key={each.stage}>
                <th scope="row">
                  <Link to="/p/$project/stage/$stage" params={{ project, stage: each.stage }}>
                    {each.stage}
                  </Link>
                </th>
                <td className={page.once}>
                  <When at={each.since} />
                </td>
                <td>
                  <When at={each.verifiedAt} />
                  {each.verifiedBy !== "" && (
                    <>
                      {" by "}
                      <Link to="/p/$project/stage/$stage" params={{ project, stage: each.stage }} search={{ run: each.verifiedBy }} className={page.mono}>
                        {each.verifiedBy}
                      </Link>
                    </>
                  )}
                </td>
                <td className={page.once}>{each.longestSoak || "–"}</td>
                <td className={page.once}>
                  <When at={each.approvedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
