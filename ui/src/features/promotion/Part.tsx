import { useState } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { path, query } from "@/shared/api/paths.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { useServices } from "@/shared/services.ts";
import styles from "./promotion.module.css";

export interface PartProps {
  readonly project: string;
  readonly promotion: string;
  readonly step: string;
  readonly part: "config" | "output";
  readonly title: string;
  readonly rev: number;
}

interface WirePart {
  readonly offset: number;
  readonly total: number;
  readonly text: string;
}

const length = (text: string): number => new TextEncoder().encode(text).length;

/** What a step was given, or put out: asked for when it is opened, in ranges, because it may be large. Secrets are masked by the server. */
export function Part({ project, promotion, step, part, title, rev }: PartProps) {
  const { api } = useServices();
  const [isOpen, setOpen] = useState(false);
  const { data, error, refetch, fetchNextPage, hasNextPage } = useInfiniteQuery({
    queryKey: ["step-part", project, promotion, step, part, rev],
    queryFn: ({ signal, pageParam }) =>
      api.get<WirePart>(
        path`towpath/v1/projects/${project}/promotions/${promotion}/steps/${step}` + query({ part, offset: pageParam }),
        signal,
      ),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.text !== "" && last.offset + length(last.text) < last.total ? last.offset + length(last.text) : undefined),
    enabled: isOpen,
  });
  const text = data?.pages.map((each) => each.text).join("") ?? "";
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && data === undefined && error === null && <Loading what={title.toLowerCase()} rows={2} />}
      {error !== null && <Problem what={title} error={error} retry={() => void refetch()} />}
      {data !== undefined && (text === "" ? <p className={styles.muted}>Nothing.</p> : <pre className={styles.code}>{text}</pre>)}
      {hasNextPage && (
        <button type="button" className={styles.button} onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </details>
  );
}
