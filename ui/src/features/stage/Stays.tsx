import { useState } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import { called, useBoard } from "@/shared/board/names.ts";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow } from "@/shared/services.ts";
import { span, zoneWords } from "@/shared/time/words.ts";
import type { Stay } from "./read.ts";

const EACH = 15;

export interface StaysProps {
  readonly project: string;
  readonly stage: string;
  readonly stays: readonly Stay[] | null;
}

/** What was in the Stage, the latest first; any two can be compared. */
export function Stays({ project, stage, stays }: StaysProps) {
  const { names } = useBoard(project);
  const navigate = useNavigate();
  const now = useNow(60);
  const [marked, setMarked] = useState<readonly string[]>([]);
  const [shown, setShown] = useState(EACH);
  const all = stays ?? [];
  const two = all.filter((each) => marked.includes(each.id));
  const [later, earlier] = two;
  const toggle = (id: string) => setMarked((was) => (was.includes(id) ? was.filter((each) => each !== id) : [...was, id].slice(-2)));
  const compare = () => {
    if (later === undefined || earlier === undefined) return;
    void navigate({ to: "/p/$project/compare", params: { project }, search: { a: `freight/${earlier.freight}`, b: `freight/${later.freight}` } });
  };
  return (
    <Section title="History" note={stays === null ? undefined : all.length === 0 ? "nothing has been in it yet" : `${all.length} ${all.length === 1 ? "stay" : "stays"}`}>
      {all.length > 0 && (
        <>
          <p className={page.tools}>
            <button type="button" className={page.button} disabled={two.length !== 2} onClick={compare}>
              {two.length === 2 ? "Compare the two" : "Compare: mark two"}
            </button>
            <Link to="/history" search={{ project, stage }} className={page.button}>
              All of its promotions
            </Link>
          </p>
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard */}
          <div className={page.box} tabIndex={0} role="region" aria-label="What was in it">
            <table className={page.table}>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="hidden">To compare</span>
                  </th>
                  <th scope="col">Freight</th>
                  <th scope="col">From</th>
                  <th scope="col">Since ({zoneWords(all[0]?.since)})</th>
                  <th scope="col">For</th>
                  <th scope="col">Brought by</th>
                </tr>
              </thead>
              <tbody>
                {all.slice(0, shown).map((stay) => (
                  <tr key={stay.id}>
                    <td>
                      <input type="checkbox" aria-label={`Compare ${called(names, stay.freight)}`} checked={marked.includes(stay.id)} onChange={() => toggle(stay.id)} />
                    </td>
                    <th scope="row">
                      <Link to="/p/$project/freight/$freight" params={{ project, freight: stay.freight }}>
                        {called(names, stay.freight)}
                      </Link>
                    </th>
                    <td>{stay.origin.replace("Warehouse/", "")}</td>
                    <td className={page.once}>
                      <When at={stay.since} />
                    </td>
                    <td className={page.once}>
                      {span((stay.until || now) - stay.since)}
                      {stay.until === 0 ? ", still there" : ""}
                    </td>
                    <td className={page.once}>
                      {stay.promotion !== "" && (
                        <PromotionLink project={project} promotion={stay.promotion}>
                          promotion
                        </PromotionLink>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {all.length > shown && (
            <p>
              <button type="button" className={page.button} onClick={() => setShown(shown + 50)}>
                {all.length - shown} earlier
              </button>
            </p>
          )}
        </>
      )}
    </Section>
  );
}
