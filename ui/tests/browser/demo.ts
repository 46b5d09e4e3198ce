/** The demo as `make run` has it: a shop with three weeks behind it, and all that it talks to, in a folder of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { open, type Opened, type Theme } from "./browser.ts";

const COMMAND = process.env.TOWPATH_COMMAND ?? join(resolve(import.meta.dirname, "../../.."), ".venv/bin/towpath");

export class DemoServer {
  readonly folder = mkdtempSync(join(tmpdir(), "towpath-demo-"));
  url = "";
  token = "";
  #process: ChildProcess | null = null;

  /** Start, and wait until the history is there and the first version has been pushed. */
  async start(): Promise<void> {
    const env = { ...process.env, XDG_STATE_HOME: this.folder, XDG_CONFIG_HOME: this.folder, HOME: this.folder };
    const started = spawn(COMMAND, ["demo", "--data", join(this.folder, "demo"), "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = started;
    const said = await new Promise<string>((done, fail) => {
      let text = "";
      const hear = (more: Buffer) => {
        text += more.toString();
        if (text.includes("Now, in another terminal")) done(text);
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      started.on("exit", (code) => fail(new Error(`towpath demo ended with ${code ?? "a signal"}: ${text}`)));
    });
    const [, url = "", file = ""] = /web ui\s+(http:\/\/\S+?)\/\s.* is in (.+)/.exec(said) ?? [];
    this.url = url;
    this.token = readFileSync(file.trim(), "utf8").trim();
  }

  async close(): Promise<void> {
    const running = this.#process;
    if (running !== null && running.exitCode === null) {
      const gone = new Promise((done) => running.once("exit", done));
      running.kill("SIGTERM");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async get<Document>(path: string): Promise<Document> {
    const response = await fetch(this.url + path, { headers: { Authorization: `Bearer ${this.token}` } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Document;
  }

  /** A page of somebody whose browser is signed in: with each request goes the token, as a cookie would. */
  async visit(browser: Browser, path: string, options: { viewport: { width: number; height: number }; theme: Theme }): Promise<Opened> {
    const opened = await open(browser, options);
    await opened.context.setExtraHTTPHeaders({ Authorization: `Bearer ${this.token}` });
    await opened.page.goto(this.url + path);
    await opened.page.locator("[data-liveness=live]").waitFor();
    return opened;
  }
}
