/** A real server, in a folder of its own: what a person has after `make run`, or one of the large worlds. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dirname, "../../..");
const COMMAND = process.env.TOWPATH_COMMAND ?? join(ROOT, ".venv/bin/towpath");

export class RealServer {
  readonly folder = mkdtempSync(join(tmpdir(), "towpath-ui-"));
  url = "";
  #process: ChildProcess | null = null;

  /** `world`: one of those of `towpath demo --world`; empty: a server with nothing in it. */
  constructor(private readonly world = "") {}

  /** Start, reaching addresses of this machine (`HOST:PORT`), or start again after a kill, at the same address. */
  async start(reaching: readonly string[] = []): Promise<void> {
    const listen = this.url === "" ? "127.0.0.1:0" : new URL(this.url).host;
    const started = spawn(COMMAND, [...(this.world === "" ? ["up", "--listen-tls", "none"] : ["demo", "--world", this.world]), "--data", join(this.folder, "data"), "--listen", listen, ...this.#configuration(reaching)], { env: { ...process.env, XDG_CONFIG_HOME: this.folder, HOME: this.folder }, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = started;
    this.url = await new Promise<string>((done, fail) => {
      let said = "";
      const hear = (text: Buffer) => {
        said += text.toString();
        const found = /serving (http:\/\/\S+)/.exec(said)?.[1];
        if (found !== undefined) done(found);
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      started.on("exit", (code) => fail(new Error(`towpath up ended with ${code ?? "a signal"}: ${said}`)));
    });
  }

  #configuration(reaching: readonly string[]): string[] {
    if (reaching.length === 0) return [];
    const path = join(this.folder, "towpath.yaml");
    writeFileSync(path, JSON.stringify({ egress: { allow: reaching } }));
    return ["--config", path];
  }

  get token(): string {
    return readFileSync(join(this.folder, "data", this.world, "admin-token"), "utf8").trim();
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running?.exitCode !== null) return;
    const gone = new Promise((done) => running.once("exit", done));
    running.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask<Document>(method: string, path: string, body?: string, type = "application/json"): Promise<Document> {
    const response = await fetch(this.url + path, { method, headers: { Authorization: `Bearer ${this.token}`, "Content-Type": type }, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text === "" ? "null" : text) as Document;
  }

  /** What a command of ours prints, of somebody who has the token. Throws where it fails. */
  async run(...words: readonly string[]): Promise<string> {
    const env = { ...process.env, TOWPATH_SERVER: this.url, TOWPATH_TOKEN: this.token, XDG_CONFIG_HOME: this.folder, HOME: this.folder, COLUMNS: "400" };
    return (await promisify(execFile)(COMMAND, [...words], { env })).stdout;
  }

  async apply(...documents: unknown[]): Promise<void> {
    const found = await this.ask<{ results?: { error?: string }[] }>("POST", "/v1beta1/resources?upsert=true", JSON.stringify(documents));
    const wrong = (found.results ?? []).flatMap((each) => each.error ?? []);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  }
}
