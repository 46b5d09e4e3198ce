import { lazy, Suspense } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { called, useBoard } from "@/shared/board/names.ts";
import { Loading } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { person } from "@/shared/people.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { span, zoneWords } from "@/shared/time/words.ts";
import type { Verification } from "./read.ts";

const Measurements = lazy(() => import("./Measurements.tsx"));

export interface VerificationsProps {
  readonly project: string;
  readonly stage: string;
  readonly verifications: readonly Verification[] | null;
}

/** How what is and was there was verified; the measurements of one of them are open, as the address says. */
export function Verifications({ project, stage, verifications }: VerificationsProps) {
  const { names } = useBoard(project);
  const navigate = useNavigate();
  const search: { run?: string } = useSearch({ strict: false });
  const all = verifications ?? [];
  const open = search.run ?? all[0]?.run ?? "";
  const choose = (run: string) => void navigate({ to: "/p/$project/stage/$stage", params: { project, stage }, search: { run }, replace: true, resetScroll: false });
  return (
    <Section title="Verifications" note={verifications !== null && all.length === 0 ? "none: what arrives counts as verified when it is healthy, or nothing has arrived" : undefined}>
      {all.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
        <div className={page.box} tabIndex={0} role="region" aria-label="Verifications">
          <table className={page.table}>
            <thead>
              <tr>
                <th scope="col">Result</th>
                <th scope="col">Freight</th>
                <th scope="col">Began ({zoneWords(all[0]?.started)})</th>
                <th scope="col">Took</th>
                <th scope="col">Asked by</th>
                <th scope="col">Says</th>
                <th scope="col">Measurements</th>
              </tr>
            </thead>
            <tbody>
              {all.map((each) => (
                <tr key={each.id}>
                  <td className={page.once}>
                    <StateWord meaning={each.meaning} />
                  </td>
                  <th scope="row">{each.freight.map((one) => called(names, one)).join(", ")}</th>
                  <td className={page.once}>
                    <When at={each.started} />
                  </td>
                  <td className={page.once}>{each.finished > 0 ? span(each.finished - each.started) : "goes on"}</td>
                  <td>{each.actor === "" ? "Towpath" : person(each.actor)}</td>
                  <td>{each.message}</td>
                  <td>
                    {each.run !== "" && (
                      <button type="button" className={page.button} aria-pressed={each.run === open} onClick={() => choose(each.run)}>
                        {each.run === open ? "Shown below" : "Show"}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open !== "" && (
        <Suspense fallback={<Loading what="measurements" rows={2} />}>
          <Measurements key={open} project={project} run={open} mark={JSON.stringify(all.find((each) => each.run === open)?.meaning ?? null)} />
        </Suspense>
      )}
    </Section>
  );
}
