/** A server that says what a test wants: the built page, documents, and a stream that goes on. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AddressInfo } from "node:net";

export const BUILT = resolve(import.meta.dirname, "../../../src/towpath/server/page/built");
const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
export const CSRF = "csrf-canary-9f86d081";

export interface Answering {
  /** By path, without the query. A number is a status without a document. */
  documents: Record<string, unknown>;
  /** Paths that are answered with nothing until they are let go. */
  held: Set<string>;
  isSignedIn: boolean;
  hasStream: boolean;
}

export class Wire {
  readonly answering: Answering = { documents: {}, held: new Set(), isSignedIn: true, hasStream: true };
  readonly asked: string[] = [];
  readonly #server: Server;
  #streams = new Set<ServerResponse>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Wire(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Send something on every stream. */
  say(event: string, data: unknown, id?: number): void {
    for (const each of this.#streams) each.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  beat(rev = 100): void {
    this.say("beat", { rev, at: new Date().toISOString() });
  }

  cutStreams(): void {
    for (const each of this.#streams) each.destroy();
    this.#streams.clear();
  }

  async close(): Promise<void> {
    this.cutStreams();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://x");
    this.asked.push(`${request.method ?? ""} ${url.pathname}${url.search}`);
    if (url.pathname === "/towpath/v1/session") this.#session(response);
    else if (url.pathname === "/v1beta1/system/public-server-config") json(response, 200, { adminAccountEnabled: true, oidcConfig: { issuerUrl: "https://login.example.com" } });
    else if (url.pathname === "/towpath/v1/stream") this.#stream(request, response);
    else if (/^\/(towpath|v1beta1|apis)\//.test(url.pathname)) this.#document(url.pathname, response);
    else file(url.pathname, response);
  }

  #session(response: ServerResponse): void {
    if (this.answering.isSignedIn) json(response, 200, { actor: "email:jo@example.com", claims: {}, csrfToken: CSRF, expires: null });
    else json(response, 401, { error: "no token provided" });
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (!this.answering.hasStream) {
      response.destroy();
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    this.#streams.add(response);
    request.on("close", () => this.#streams.delete(response));
    response.write(`event: beat\ndata: ${JSON.stringify({ rev: 1, at: new Date().toISOString() })}\n\n`);
  }

  #document(path: string, response: ServerResponse): void {
    if (this.answering.held.has(path)) return;
    const found = this.answering.documents[decodeURIComponent(path)];
    if (typeof found === "number") json(response, found, { error: found === 403 ? `User "email:jo@example.com" may not get this` : "the database is away" });
    else if (found === undefined) json(response, 404, { error: `there is no ${path}` });
    else json(response, 200, found);
  }
}

function json(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "X-Request-Id": "4f2a9c" });
  response.end(JSON.stringify(document));
}

/** The page with the policy that the server sends: what it forbids shows here as well. */
function file(path: string, response: ServerResponse): void {
  const name = path === "/" || !existsSync(join(BUILT, path)) ? "index.html" : path.slice(1);
  response.writeHead(200, {
    "Content-Type": TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'",
  });
  response.end(readFileSync(join(BUILT, name)));
}
