/** One object that is edited as text: what the server has, what was typed, a look at what saving would make of it, and saving. */
import { useCallback, useMemo, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, fieldsOf, words, type Api } from "../api/client.ts";
import { merged } from "../diff/lines.ts";
import { useServices } from "../services.ts";
import { keepDraft, keptDraft, type Draft, type Version } from "../drafts/store.ts";
import { collectionPath, objectPath, type EditedKind } from "./kinds.ts";
import { edited, lineOf, read, revisionOf, withRevision } from "./text.ts";

export interface Subject {
  readonly kind: EditedKind;
  /** Empty for kinds that are of no Project. */
  readonly namespace: string;
  readonly name: string;
  /** The text to begin with where the object is not there; without one it has to be there. */
  readonly template?: string;
}

export interface Refused {
  readonly text: string;
  readonly request: string;
  readonly fields: readonly { readonly field: string; readonly message: string; readonly line: number }[];
}

export interface Reviewed {
  /** Of which text it is the review. */
  readonly text: string;
  readonly before: string;
  /** As the server would keep it. */
  readonly after: string;
  readonly warnings: readonly string[];
}

export interface Manifest {
  /** The object as the server has it: null where it is not there, undefined while nobody knows. */
  readonly object: unknown;
  readonly error: unknown;
  readonly retry: () => void;
  readonly text: string;
  /** Whether there is something to save: what was typed, or an object that is not there yet. */
  readonly isChanged: boolean;
  readonly isTyped: boolean;
  /** Whether what was typed was left here before, and is back. */
  readonly isRestored: boolean;
  readonly change: (text: string) => void;
  readonly discard: () => void;
  /** The object as somebody else has changed it meanwhile; null where nobody has. */
  readonly theirs: Version | null;
  readonly base: Version;
  /** Both changes in one text; null where they are about the same lines. */
  readonly together: string | null;
  /** Go on from what the server has now, with this text. */
  readonly rebase: (text: string) => void;
  readonly review: () => Promise<unknown>;
  readonly reviewed: Reviewed | null;
  /** Whether it is saved now. */
  readonly save: () => Promise<boolean>;
  readonly isBusy: boolean;
  readonly isSaved: boolean;
  readonly refused: Refused | null;
}

/** Objects are not in the stream: others' changes are looked for while the page is shown. */
const LOOK_EVERY = 10_000;
/** Controllers write status meanwhile, which moves the revision and changes nothing that is edited. */
const TRIES = 4;
const YAML = "application/yaml";

/** `who`: whose drafts are looked for, and kept. */
export function useManifest(subject: Subject, who: string): Manifest {
  const { api } = useServices();
  const queries = useQueryClient();
  const { kind, namespace, name, template } = subject;
  const address = objectPath(kind, namespace, name || "?");
  const key = useMemo(() => ["manifest", address], [address]);
  const isNamed = name !== "";
  const found = useQuery({ queryKey: key, queryFn: () => fetched(api, address, template), enabled: isNamed, refetchInterval: LOOK_EVERY, retry: false, staleTime: 0 });
  const object: unknown = isNamed ? found.data : null;
  const live = useMemo<Version>(() => versionOf(object, template), [object, template]);
  const [draft, setDraft] = useState<Draft | null>(() => keptDraft(address, who));
  const [isRestored, setRestored] = useState(draft !== null);
  const [reviewed, setReviewed] = useState<Reviewed | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const text = draft?.text ?? live.text;
  const base = draft?.base ?? live;
  const theirs = draft !== null && object !== undefined && live.text !== base.text ? live : null;

  const put = useCallback(
    (next: Draft | null) => {
      setDraft(next);
      keepDraft(address, who, next);
      setReviewed(null);
      setProblem(null);
      setSaved(false);
    },
    [address, who],
  );
  const change = useCallback((next: string) => put(next === base.text ? null : { base, text: next }), [put, base]);
  const discard = useCallback(() => {
    setRestored(false);
    put(null);
  }, [put]);
  const rebase = useCallback((next: string) => put(next === live.text ? null : { base: live, text: next }), [put, live]);

  const act = useCallback(async (what: () => Promise<boolean>) => {
    setBusy(true);
    setProblem(null);
    try {
      return await what();
    } catch (error) {
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const send = useCallback(
    (revision: string, isDry: boolean) => {
      const options = `?fieldValidation=Strict&fieldManager=towpath-ui${isDry ? "&dryRun=All" : ""}`;
      if (revision === "") return api.sendText("POST", collectionPath(kind, namespace) + options, text, YAML);
      return api.sendText("PUT", address + options, withRevision(text, revision), YAML);
    },
    [api, kind, namespace, address, text],
  );
  const newest = async (): Promise<unknown> => {
    const { data, error } = await found.refetch();
    if (error !== null) throw error;
    return data;
  };
  /** Send it as a change of what the server has by now; null where somebody else has changed that: it is shown first, and not written over unseen. */
  const sent = async (isDry: boolean) => {
    for (let tries = 1; ; tries += 1) {
      const now = isNamed ? versionOf(await newest(), template) : live;
      if (now.text !== base.text) return null;
      try {
        return { ...(await send(now.revision, isDry)), before: now.revision === "" ? "" : now.text };
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 409 && error.answer.reason === "Conflict" && tries < TRIES)) throw error;
      }
    }
  };
  const review = () =>
    act(async () => {
      const made = await sent(true);
      if (made !== null) setReviewed({ text, before: made.before, after: edited(made.document), warnings: made.warnings });
      return made !== null;
    });
  const save = () =>
    act(async () => {
      const made = await sent(false);
      if (made === null) return false;
      if (isNamed) queries.setQueryData(key, made.document);
      setRestored(false);
      put(null);
      setSaved(true);
      return true;
    });
  const together = useMemo(() => (theirs === null ? null : merged(base.text, text, theirs.text)), [theirs, base.text, text]);
  const refused = useMemo(() => (problem === null ? null : refusedOf(problem, text)), [problem, text]);
  const isReviewed = reviewed !== null && reviewed.text === text;
  return {
    object,
    error: found.error,
    retry: () => void found.refetch(),
    text,
    isChanged: draft !== null || (object === null && template !== undefined),
    isTyped: draft !== null,
    isRestored: isRestored && draft !== null,
    change,
    discard,
    theirs,
    base,
    together,
    rebase,
    review,
    reviewed: isReviewed ? reviewed : null,
    save,
    isBusy,
    isSaved,
    refused,
  };
}

async function fetched(api: Api, address: string, template: string | undefined): Promise<unknown> {
  try {
    return await api.get<unknown>(address);
  } catch (error) {
    if (template !== undefined && error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

const versionOf = (object: unknown, template = ""): Version => (object === null || object === undefined ? { text: template, revision: "" } : { text: edited(object), revision: revisionOf(object) });

function refusedOf(error: unknown, text: string): Refused {
  const fields = fieldsOf(error).map(({ field, message }) => ({ field, message, line: lineOf(text, field) }));
  return { text: words(error), request: error instanceof ApiError ? error.request : "", fields };
}

/** The name in a text that makes a new object; empty where it cannot be read. */
export function namedIn(text: string): string {
  const metadata = read(text).value?.metadata as { readonly name?: unknown } | null | undefined;
  return typeof metadata?.name === "string" ? metadata.name : "";
}
