import { useQuery } from "@tanstack/react-query";
import { ApiError, words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import type { PromotionInfo } from "@/shared/promotions/read.ts";
import { useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import styles from "./promotion.module.css";

interface Push {
  readonly step: string;
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly same?: boolean | null;
  readonly files?: number;
  readonly differ?: readonly string[];
  readonly differing?: number;
  readonly unknown?: string;
}

interface Outcome {
  readonly plan: string;
  readonly same: boolean | null;
  readonly pushes: readonly Push[];
}

/** Whether it did what was planned: they must be equal, and a difference is shown. */
export function Planned({ project, promotion }: { readonly project: string; readonly promotion: PromotionInfo }) {
  const { api } = useServices();
  const { data, error } = useQuery({
    queryKey: ["promotion-plan", project, promotion.name, promotion.phase],
    queryFn: ({ signal }) => api.get<Outcome>(path`towpath/v1/projects/${project}/promotions/${promotion.name}/plan`, signal),
    enabled: promotion.isOver && promotion.plan !== "",
    retry: false,
  });
  if (!promotion.isOver) return null;
  if (promotion.plan === "") return <p className={styles.muted}>It was promoted without a plan, so there is nothing to compare it with.</p>;
  if (error !== null) return <p className={styles.muted}>{error instanceof ApiError && error.status === 410 ? "Its plan is not kept any more." : `Its plan cannot be compared: ${words(error)}`}</p>;
  if (data === undefined) return null;
  return (
    <section aria-label="Plan and what happened" data-planned={data.same === null ? "unknown" : data.same ? "equal" : "different"}>
      <h2 className={styles.title}>Plan and what happened</h2>
      {data.pushes.length === 0 && <p className={styles.muted}>The plan pushed nothing.</p>}
      <ul className={styles.pushes}>
        {data.pushes.map((each) => (
          <li key={`${each.step} ${each.repository} ${each.branch}`}>
            <StateWord meaning={each.same === true ? { role: "ok", word: "As planned" } : each.same === false ? { role: "fail", word: "Not as planned" } : { role: "none", word: "Not known" }} />
            <span>
              {" "}
              {each.step}: <code>{each.commit.slice(0, 7)}</code> on {each.branch} of {each.repository}, {each.files ?? 0} {each.files === 1 ? "file" : "files"}
            </span>
            {(each.unknown ?? "") !== "" && <p className={styles.muted}>{each.unknown}</p>}
            {(each.differ ?? []).map((path) => (
              <p key={path} className={styles.differs}>
                {path} is not as it was planned
              </p>
            ))}
            {(each.differing ?? 0) > (each.differ?.length ?? 0) && <p className={styles.muted}>{(each.differing ?? 0) - (each.differ?.length ?? 0)} more differ</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
