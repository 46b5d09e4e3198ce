import { useQuery } from "@tanstack/react-query";
import { ApiError, words } from "@/shared/api/client.ts";
import type { PromotionInfo } from "@/shared/promotions/read.ts";
import { useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { usePromotionObject } from "./object.ts";
import { compared, type PlanDocument } from "./planned.ts";
import styles from "./promotion.module.css";

const PLAN = "towpath.dev/plan";

/** Whether it did what was planned: they must be equal, and a difference is shown. */
export function Planned({ project, promotion, rev }: { readonly project: string; readonly promotion: PromotionInfo; readonly rev: number }) {
  const { api } = useServices();
  const object = usePromotionObject(project, promotion.name, rev);
  const id = object.data?.metadata?.annotations?.[PLAN] ?? "";
  const { data, error } = useQuery({
    queryKey: ["plan-of", project, id],
    queryFn: ({ signal }) => api.get<PlanDocument>(`towpath/v1/projects/${encodeURIComponent(project)}/plans/${encodeURIComponent(id)}`, signal),
    enabled: id !== "" && promotion.isOver,
    staleTime: Infinity,
    retry: false,
  });
  if (object.data === undefined || !promotion.isOver) return null;
  if (id === "") return <p className={styles.muted}>It was promoted without a plan, so there is nothing to compare it with.</p>;
  if (error !== null) return <p className={styles.muted}>{error instanceof ApiError && error.status === 410 ? "Its plan is not kept any more." : `Its plan cannot be shown: ${words(error)}`}</p>;
  if (data === undefined) return null;
  const { equal, differences } = compared(data, promotion.steps, object.data.status?.state ?? {});
  return (
    <section aria-label="Plan and what happened" data-planned={differences.length === 0 ? "equal" : "different"}>
      <h2 className={styles.title}>Plan and what happened</h2>
      {differences.length === 0 ? (
        <p className={styles.equal}>
          <StateWord meaning={{ role: "ok", word: "As planned" }} /> It did what was planned: {equal} {equal === 1 ? "value is" : "values are"} as they were told before.
        </p>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th>Step</th>
              <th>What</th>
              <th>Planned</th>
              <th>Happened</th>
            </tr>
          </thead>
          <tbody>
            {differences.map((each) => (
              <tr key={`${each.step} ${each.what}`}>
                <th scope="row">{each.step}</th>
                <td>{each.what}</td>
                <td>{each.planned}</td>
                <td>{each.actual}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
