/** Between the browser and the server: passes everything on, counts streams, and says changes of its own on them. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class Between {
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  /** Bytes that streams have carried to browsers. */
  streamed = 0;

  private constructor(private readonly target: URL) {
    this.#server = createServer((asked, response) => this.#pass(asked, response));
  }

  static async start(target: string): Promise<Between> {
    const made = new Between(new URL(target));
    await new Promise<void>((done) => made.#server.listen(0, "127.0.0.1", done));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Tell every stream of changes, as the server would; wait until they have gone out. */
  async say(patches: readonly { readonly rev: number; readonly patch: object }[]): Promise<void> {
    const text = patches.map(({ rev, patch }) => `id: ${rev}\nevent: patch\ndata: ${JSON.stringify(patch)}\n\n`).join("");
    await Promise.all([...this.#streams].map((each) => new Promise((done) => each.write(text, done))));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #pass(asked: IncomingMessage, response: ServerResponse): void {
    const onward = request({ hostname: this.target.hostname, port: this.target.port, method: asked.method, path: asked.url, headers: { ...asked.headers, host: this.target.host } }, (found) => {
      const isStream = (found.headers["content-type"] ?? "").startsWith("text/event-stream");
      response.writeHead(found.statusCode ?? 502, found.headers);
      if (isStream) {
        this.#streams.add(response);
        response.on("close", () => this.#streams.delete(response));
        found.on("data", (chunk: Buffer) => (this.streamed += chunk.length));
      }
      found.pipe(response);
      found.on("error", () => response.destroy());
    });
    response.on("close", () => onward.destroy());
    onward.on("error", () => response.destroy());
    asked.pipe(onward);
  }
}
