import { useMemo, useState } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { query, path } from "@/shared/api/paths.ts";
import { words } from "@/shared/api/client.ts";
import { called, useBoard } from "@/shared/board/names.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { person } from "@/shared/people.ts";
import { useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { SavedViews } from "@/shared/views/SavedViews.tsx";
import { placeOf } from "@/shared/views/read.ts";
import { zoneWords } from "@/shared/time/words.ts";
import { Filters } from "./Filters.tsx";
import { useNewer } from "./useNewer.ts";
import { filtersOf, readHistory, type HistoryLine, type HistorySearch, type WireHistory } from "./read.ts";

const EACH = 100;

/** Who let what into which Stage, when, and how it went: also what is long deleted. */
export function HistoryPage() {
  const search: HistorySearch = useSearch({ strict: false });
  const { api } = useServices();
  const filters = filtersOf(search);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["history", filters],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => api.get<WireHistory>(`towpath/v1/history${query({ ...filters, limit: EACH, cursor: pageParam })}`, signal),
    getNextPageParam: (last) => last.cursor ?? undefined,
  });
  const lines = useMemo(() => data?.pages.flatMap(readHistory) ?? [], [data]);
  const newer = useNewer(search.project ?? "");
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>History</h1>
        <span className={page.muted} role="status">
          {data !== undefined && `${lines.length}${hasNextPage ? "+" : ""} ${lines.length === 1 ? "line" : "lines"}, the newest first`}
        </span>
        <div className={page.tools}>
          <SavedViews here={placeOf("history", "", search)} />
          <Export filters={filters} />
        </div>
      </header>
      <Filters search={search} />
      <p role="status" className={newer.isNewer ? page.tools : "hidden"}>
        {newer.isNewer && (
          <>
            Something has been promoted since.
            <button
              type="button"
              className={page.button}
              onClick={() => {
                newer.shown();
                void refetch();
              }}
            >
              Show it
            </button>
          </>
        )}
      </p>
      {error !== null && <Problem what="The history" error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the history" rows={8} />}
      {data !== undefined && lines.length === 0 && !hasNextPage && (
        <Empty title="Nothing fits">
          <p>There is nothing in this time that you may see and that these filters let through.</p>
        </Empty>
      )}
      {lines.length > 0 && <Lines lines={lines} project={search.project ?? ""} />}
      {hasNextPage && (
        <p>
          <button type="button" className={page.button} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? "Looking further back…" : "Look further back"}
          </button>
        </p>
      )}
    </div>
  );
}

function Lines({ lines, project }: { readonly lines: readonly HistoryLine[]; readonly project: string }) {
  const zone = zoneWords(lines[0]?.at);
  return (
    // A box that scrolls is reached by the keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={page.box} tabIndex={0} role="region" aria-label="Lines of the history">
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">When ({zone})</th>
            <th scope="col">Result</th>
            <th scope="col">What</th>
            <th scope="col">Where</th>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Line key={line.id} line={line} isInProject={project !== ""} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ line, isInProject }: { readonly line: HistoryLine; readonly isInProject: boolean }) {
  return (
    <tr>
      <td className={page.once}>
        <When at={line.at} />
      </td>
      <td className={page.once}>
        {line.kind === "promotion" && line.name !== "" ? (
          <PromotionLink project={line.project} promotion={line.name}>
            <StateWord meaning={line.meaning} />
          </PromotionLink>
        ) : (
          <StateWord meaning={line.meaning} />
        )}
      </td>
      <td className={page.once}>
        {line.freight !== "" && (
          <Link to="/p/$project/freight/$freight" params={{ project: line.project, freight: line.freight }}>
            {isInProject ? <Named project={line.project} freight={line.freight} /> : line.freight.slice(0, 7)}
          </Link>
        )}
      </td>
      <td>
        <Link to="/p/$project/stage/$stage" params={{ project: line.project, stage: line.stage }}>
          {isInProject ? line.stage : `${line.project} / ${line.stage}`}
        </Link>
      </td>
      <td title={line.actor}>{person(line.actor)}</td>
      <td className={page.muted}>{line.reason}</td>
    </tr>
  );
}

function Named({ project, freight }: { readonly project: string; readonly freight: string }) {
  const { names } = useBoard(project);
  return <>{called(names, freight)}</>;
}

/** All lines as a file, made by the server: times in RFC 3339. */
function Export({ filters }: { readonly filters: Readonly<Record<string, string>> }) {
  const { api } = useServices();
  const [failed, setFailed] = useState("");
  const save = async (format: "csv" | "jsonl") => {
    setFailed("");
    try {
      const stream = await api.open(`towpath/v1/history${query({ ...filters, format })}`, new AbortController().signal);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await new Response(stream).blob());
      link.download = path`history.${format}`;
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      setFailed(words(error));
    }
  };
  return (
    <>
      {failed !== "" && <span role="alert">It could not be saved: {failed}</span>}
      <button type="button" className={page.button} onClick={() => void save("csv")}>
        Save as CSV
      </button>
      <button type="button" className={page.button} onClick={() => void save("jsonl")}>
        Save as JSON lines
      </button>
    </>
  );
}
