import { useMemo } from "react";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useKeyboardOfPromotion } from "./keys.ts";
import type { WireBoard } from "@/shared/api/documents.ts";
import { person } from "@/shared/people.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { Progress } from "@/shared/promotions/Progress.tsx";
import { Steps } from "@/shared/promotions/Steps.tsx";
import type { PromotionInfo } from "@/shared/promotions/read.ts";
import { usePromotion } from "@/shared/promotions/usePromotion.ts";
import { useDocument, useNow } from "@/shared/services.ts";
import { boardOf } from "@/shared/stream/topics.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { PROMOTION, meaning } from "@/shared/state/roles.ts";
import { exactly, zoned } from "@/shared/time/words.ts";
import { Buttons } from "./Buttons.tsx";
import { Planned } from "./Planned.tsx";
import { Raw } from "./Raw.tsx";
import { StepInside } from "./StepInside.tsx";
import type { PromotionSearch } from "./search.ts";
import styles from "./promotion.module.css";

/** One Promotion: what it is, how it fares, what it waits for, and what each step said. */
export function PromotionPage() {
  const { project = "", id = "" }: { project?: string; id?: string } = useParams({ strict: false });
  const { step, line }: PromotionSearch = useSearch({ strict: false });
  const { promotion, waits, links, rev, error, retry } = usePromotion(project, id);
  const { document: board } = useDocument<WireBoard>(boardOf(project));
  useKeyboardOfPromotion(promotion);
  if (promotion === null) {
    return <div className={styles.page}>{error === null ? <Loading what={`Promotion ${id}`} rows={6} /> : <Problem what={`Promotion ${id}`} error={error} retry={retry} />}</div>;
  }
  const current = promotion.steps.find((each) => each.meaning.role === "fail") ?? promotion.steps.find((each) => each.status === "Running");
  return (
    <article className={styles.page} data-promotion={promotion.name}>
      {error !== null && <Problem what={`Promotion ${id}`} error={error} retry={retry} />}
      <header className={styles.head}>
        <Sentence project={project} promotion={promotion} board={board} />
        <Buttons project={project} promotion={promotion} failed={current?.meaning.role === "fail" ? current.alias : ""} />
      </header>
      <Progress promotion={promotion} waits={waits} />
      {promotion.attempts.length > 0 && <Attempts project={project} promotion={promotion} />}
      <section aria-label="Steps">
        <h2 className={styles.title}>Steps</h2>
        <Steps promotion={promotion} wanted={step} inside={(each) => <StepInside project={project} promotion={promotion} step={each} links={links[each.alias] ?? []} rev={rev} line={each.alias === step ? line : undefined} />} />
      </section>
      <Planned project={project} promotion={promotion} />
      <Raw project={project} name={promotion.name} rev={rev} />
    </article>
  );
}

function Sentence({ project, promotion, board }: { readonly project: string; readonly promotion: PromotionInfo; readonly board: WireBoard | null }) {
  const now = useNow(30);
  const freight = useMemo(() => board?.freight?.find((each) => each.name === promotion.freight), [board, promotion.freight]);
  const [, label = "", version = "", digest = ""] = freight?.artifacts?.[0] ?? [];
  return (
    <div>
      <h1 className={styles.sentence}>
        {promotion.isRollback ? "Back to " : ""}
        <Version text={version || digest || label || promotion.freight.slice(0, 7)} most={40} strong />
        {(freight?.alias ?? "") !== "" && ` (${freight?.alias ?? ""})`}
        {" → "}
        <Link to="/p/$project" params={{ project }} search={{ why: promotion.stage }}>
          {promotion.stage}
        </Link>
      </h1>
      <p className={styles.muted}>
        {promotion.actor !== "" && `asked for by ${person(promotion.actor)}`}
        {promotion.created > 0 && (
          <>
            {" "}
            <time title={exactly(promotion.created)}>{zoned(promotion.created, now)}</time>
          </>
        )}
        {promotion.reason !== "" && ` · ${promotion.reason}`}
        {promotion.retryOf !== "" && (
          <>
            {" · tries "}
            <Link to="/p/$project/promotion/$id" params={{ project, id: promotion.retryOf }}>
              an earlier one
            </Link>
            {" again"}
          </>
        )}
      </p>
    </div>
  );
}

function Attempts({ project, promotion }: { readonly project: string; readonly promotion: PromotionInfo }) {
  const now = useNow(30);
  return (
    <section aria-label="Attempts before this one">
      <h2 className={styles.title}>Attempts before this one</h2>
      <ol className={styles.pushes}>
        {promotion.attempts.map((each) => (
          <li key={each.name}>
            <StateWord meaning={meaning(PROMOTION, each.phase)} />{" "}
            <Link to="/p/$project/promotion/$id" params={{ project, id: each.name }}>
              {(each.start ?? 0) > 0 ? <time title={exactly(each.start ?? 0)}>{zoned(each.start ?? 0, now)}</time> : each.name}
            </Link>
            {(each.msg ?? "") !== "" && <p className={styles.muted}>{each.msg}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
