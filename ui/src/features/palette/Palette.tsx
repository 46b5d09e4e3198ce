import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Modal } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import { query as asked } from "@/shared/api/paths.ts";
import { useDeclaredShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { Icon } from "@/shared/parts/Icon.tsx";
import { useServices } from "@/shared/services.ts";
import { useViews } from "@/shared/views/useViews.ts";
import { readActions, readHits, readViewChoices, remembered, type Choice, type WireSearch } from "./read.ts";
import { useGo } from "./useGo.ts";
import styles from "./palette.module.css";

const PAUSE = 120;
const KIND: Readonly<Record<string, string>> = { freight: "Freight", stage: "Stage", project: "Project", actor: "Person", view: "View", action: "Action" };
/** What was opened from here since the page was loaded: nothing of the installation's is kept in the browser. */
let recent: readonly Choice[] = [];

/** Everything by its name: versions, commits, digests, tickets, Stages, Projects, people, views that were saved, and what can be done. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [place, setPlace] = useState(0);
  const [isWaiting, setWaiting] = useState(false);
  const list = useId();
  const go = useGo();
  const queries = useQueryClient();
  const search = useSearchOf(typed.trim());
  const shortcuts = useDeclaredShortcuts();
  // Those of the screen in front: the palette itself declares none.
  const actions = useMemo(() => readActions(shortcuts, typed), [shortcuts, typed]);
  const { views } = useViews(true);
  const saved = useMemo(() => readViewChoices(views ?? [], typed), [views, typed]);
  const choices = useMemo(() => [...(typed.trim() === "" ? recent : search.hits), ...saved, ...actions], [typed, search.hits, saved, actions]);
  const marked = choices[Math.min(place, choices.length - 1)];

  // Back to where it was opened from, unless what was chosen has taken that away.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    },
    [before],
  );

  const choose = (choice: Choice) => {
    recent = remembered(recent, choice);
    onClose();
    go(choice.goal);
  };
  /** Pasted and pressed at once: the answer is waited for, and its first hit opened. */
  const enter = async () => {
    if (search.isSettled || typed.trim() === "") {
      if (marked !== undefined) choose(marked);
      return;
    }
    setWaiting(true);
    const first = await queries.query(search.options).then((found) => readHits(found)[0]).catch(() => undefined);
    setWaiting(false);
    const best = first ?? saved[0] ?? actions[0];
    if (best !== undefined) choose(best);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && choices.length > 0) setPlace((Math.min(place, choices.length - 1) + step + choices.length) % choices.length);
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) void enter();
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} lockScroll={false} size={640} yOffset="10vh" returnFocus={false} padding={0} transitionProps={{ duration: 0 }} aria-label="Search">
      <div className={styles.head}>
        <Icon name="search" size={18} />
        <input
          data-autofocus
          className={styles.input}
          role="combobox"
          aria-label="Version, commit, digest, ticket, Stage, Project, person, view or action"
          aria-expanded={choices.length > 0}
          aria-controls={list}
          aria-activedescendant={marked === undefined ? undefined : `${list}-${marked.id}`}
          placeholder="Version, commit, digest, ticket, Stage, person, view or action"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setPlace(0);
          }}
          onKeyDown={onKey}
        />
        <kbd className={styles.escape}>Esc</kbd>
      </div>
      <div id={list} role="listbox" aria-label="What was found" className={styles.list}>
        {choices.map((choice) => (
          <Row key={choice.id} id={`${list}-${choice.id}`} choice={choice} isMarked={choice === marked} onChoose={() => choose(choice)} />
        ))}
      </div>
      <p className={styles.foot} role="status">
        {isWaiting ? "Searching…" : search.error !== null ? `The search failed: ${words(search.error)}` : said(typed.trim(), choices.length, search)}
      </p>
    </Modal>
  );
}

function Row({ id, choice, isMarked, onChoose }: { readonly id: string; readonly choice: Choice; readonly isMarked: boolean; readonly onChoose: () => void }) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isMarked) row.current?.scrollIntoView({ block: "nearest" });
  }, [isMarked]);
  return (
    // Keys are those of the field, which has the focus.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div ref={row} id={id} role="option" tabIndex={-1} aria-selected={isMarked} className={isMarked ? `${styles.row} ${styles.marked}` : styles.row} onClick={onChoose}>
      <span className={styles.kind}>{choice.id.startsWith("recent") ? `${KIND[choice.kind] ?? choice.kind} · recent` : (KIND[choice.kind] ?? choice.kind)}</span>
      <span className={styles.title}>{choice.title}</span>
      <span className={styles.detail}>{choice.detail}</span>
      {choice.keys !== "" && <kbd>{choice.keys}</kbd>}
    </div>
  );
}

function said(typed: string, count: number, search: { readonly isSettled: boolean; readonly hasMore: boolean }): string {
  if (typed === "") return "Arrows choose, Enter opens";
  if (!search.isSettled) return "Searching…";
  if (count === 0) return `Nothing that you may see begins with ${typed.length > 40 ? `${typed.slice(0, 40)}…` : typed}`;
  return search.hasMore ? `${count} of more: type on` : `${count} found`;
}

const LONGEST = 200;

function useSearchOf(typed: string) {
  const { api, clock } = useServices();
  const [settled, setSettled] = useState("");
  useEffect(() => clock.after(PAUSE, () => setSettled(typed)), [clock, typed]);
  const optionsOf = (q: string) => ({
    queryKey: ["search", q],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get<WireSearch>(`towpath/v1/search${asked({ q: q.slice(0, LONGEST) })}`, signal),
  });
  const { data, error, isFetching } = useQuery({ ...optionsOf(settled), enabled: settled !== "", placeholderData: (before) => before });
  const hits = useMemo(() => (data === undefined || typed === "" ? [] : readHits(data)), [data, typed]);
  return { hits, error, hasMore: data?.more === true, isSettled: settled === typed && !isFetching, options: optionsOf(typed) };
}
