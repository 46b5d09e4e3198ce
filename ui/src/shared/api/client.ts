/** Requests to our own API: who asks, what went wrong in words, and what the server's clock says. */
import createClient, { type MaybeOptionalInit } from "openapi-fetch";
import type { paths } from "./schema.ts";

export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
    readonly request: string,
    /** The whole answer, for what programs are told besides; empty where it was no object. */
    readonly answer: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export type Credentials = { readonly kind: "none" } | { readonly kind: "session"; readonly csrf: string } | { readonly kind: "token"; readonly token: string };

/** Paths of our API whose GET answers with a document, and that document: both as the server describes them. */
type Read<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { "application/json": infer Document } } } } } ? Document : never;
export type ReadPath = { [Path in keyof paths]: Read<Path> extends never ? never : Path }[keyof paths];

/** An answer, and what the server warns of beside it. */
export interface Told {
  readonly document: unknown;
  readonly warnings: readonly string[];
}

export interface Api {
  /** GET what the server describes: path, parameters and answer are checked when this is built. Raises as `get` does. */
  read<Path extends ReadPath>(path: Path, init: MaybeOptionalInit<paths[Path], "get">): Promise<Read<Path>>;
  /** GET a document. Raises ApiError, or what the network raised. */
  get<Document>(path: string, signal?: AbortSignal): Promise<Document>;
  /** Send a document; what comes back, null for nothing. Raises ApiError. */
  send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<unknown>;
  /** Send a text as it is, such as a manifest. Raises ApiError. */
  sendText(method: "POST" | "PUT", path: string, text: string, type: string): Promise<Told>;
  /** Open an answer that goes on. Raises ApiError. */
  open(path: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array>>;
}

export interface ApiDoors {
  readonly fetch: typeof fetch;
  /** Where the server lies: what the page's `<base>` says. */
  readonly base: string;
  readonly credentials: () => Credentials;
  /** Told when the server does not know who asks. */
  readonly onSignedOut: () => void;
  /** Told of the server's time, from each answer that has it. */
  readonly onServerTime: (milliseconds: number) => void;
}

export function createApi(doors: ApiDoors): Api {
  async function ask(method: string, path: string | URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const who = doors.credentials();
    if (who.kind === "token") headers.set("Authorization", `Bearer ${who.token}`);
    if (who.kind === "session" && method !== "GET") headers.set("X-CSRF-Token", who.csrf);
    const response = await doors.fetch(new URL(path, doors.base), {
      ...init,
      method,
      headers,
      credentials: "same-origin",
      cache: "no-cache",
    });
    const date = Date.parse(response.headers.get("Date") ?? "");
    // The header has whole seconds: the middle of one is the best guess.
    if (!Number.isNaN(date)) doors.onServerTime(date + 500);
    if (response.ok) return response;
    const answer = await objectOf(response);
    const error = new ApiError(response.status, said(answer, response), response.headers.get("X-Request-Id") ?? "", answer);
    // An answer to what was asked before somebody signed in says nothing of them.
    const now = doors.credentials();
    if (response.status === 401 && (now === who || (now.kind === "none" && who.kind === "none"))) doors.onSignedOut();
    throw error;
  }

  const described = createClient<paths>({
    baseUrl: new URL(".", doors.base).href.replace(/\/$/, ""),
    headers: { Accept: "application/json" },
    fetch: async (request) => {
      const body = request.body === null ? {} : { body: await request.text() };
      return await ask(request.method, new URL(request.url), { headers: request.headers, signal: request.signal, ...body });
    },
  });
  return {
    async read<Path extends ReadPath>(path: Path, init: MaybeOptionalInit<paths[Path], "get">) {
      // The library's own type of an answer loses lists that may not be written to; which path it is has been checked above.
      const { data } = await (described.GET as (path: string, init: unknown) => Promise<{ data?: unknown }>)(path, init);
      return data as Read<Path>;
    },
    async get<Document>(path: string, signal?: AbortSignal) {
      const response = await ask("GET", path, { headers: { Accept: "application/json" }, ...(signal === undefined ? {} : { signal }) });
      return (await response.json()) as Document;
    },
    async send(method, path, body) {
      const response = await ask(method, path, {
        headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return text === "" ? null : (JSON.parse(text) as unknown);
    },
    async sendText(method, path, text, type) {
      const response = await ask(method, path, { headers: { Accept: "application/json", "Content-Type": type }, body: text });
      return { document: (await response.json()) as unknown, warnings: warningsOf(response.headers.get("Warning") ?? "") };
    },
    async open(path, signal, headers) {
      const response = await ask("GET", path, { headers: { Accept: "text/event-stream", ...headers }, signal });
      if (response.body === null) throw new ApiError(response.status, "the answer has no body", "");
      return response.body;
    },
  };
}

async function objectOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text().catch(() => "");
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    // A proxy in between answers in a page of its own.
    return {};
  }
}

function said(answer: Readonly<Record<string, unknown>>, response: Response): string {
  const message = answer.error ?? answer.message;
  return typeof message === "string" && message !== "" ? message : `the server answered ${response.status} ${response.statusText}`.trim();
}

/** The texts of a `Warning` header (RFC 7234 §5.5), of which an answer may have several. */
export function warningsOf(header: string): readonly string[] {
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}

/** A field that is wrong, as a `Status` of the Kubernetes API names it. */
export interface FieldProblem {
  /** Such as `spec.promotionPolicies[0].stage`; empty for the object as a whole. */
  readonly field: string;
  readonly message: string;
}

/** What is wrong with which field, where an answer says so. */
export function fieldsOf(error: unknown): readonly FieldProblem[] {
  const details = error instanceof ApiError ? (error.answer.details as { readonly causes?: unknown } | undefined) : undefined;
  if (!Array.isArray(details?.causes)) return [];
  return (details.causes as readonly { readonly field?: unknown; readonly message?: unknown }[]).map(({ field, message }) => ({
    field: typeof field === "string" ? field : "",
    message: typeof message === "string" ? message : "",
  }));
}

/** What an error says to people, whatever was thrown. */
export function words(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "the server cannot be reached";
  return error instanceof Error ? error.message : String(error);
}
