/** Git's own HTTP back end on loopback, for one repository that lets everybody in. */
import { execFileSync, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AddressInfo } from "node:net";

const WHO = { GIT_AUTHOR_NAME: "Seed", GIT_AUTHOR_EMAIL: "seed@example.com", GIT_COMMITTER_NAME: "Seed", GIT_COMMITTER_EMAIL: "seed@example.com" };

export class GitServer {
  readonly folder = mkdtempSync(join(tmpdir(), "towpath-git-"));
  readonly #server: Server;
  readonly #env = { PATH: process.env.PATH ?? "", HOME: this.folder, LC_ALL: "C", GIT_CONFIG_NOSYSTEM: "1", ...WHO };

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "/", "http://x");
      const back = spawn("git", ["http-backend"], {
        env: {
          ...this.#env,
          GIT_PROJECT_ROOT: this.folder,
          GIT_HTTP_EXPORT_ALL: "1",
          REQUEST_METHOD: request.method ?? "GET",
          PATH_INFO: url.pathname,
          QUERY_STRING: url.search.slice(1),
          CONTENT_TYPE: request.headers["content-type"] ?? "",
          HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
          GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
          REMOTE_ADDR: "127.0.0.1",
        },
      });
      request.pipe(back.stdin);
      back.stdin.on("error", () => undefined);
      const parts: Buffer[] = [];
      back.stdout.on("data", (part: Buffer) => parts.push(part));
      back.on("close", () => {
        const said = Buffer.concat(parts);
        const end = said.indexOf("\r\n\r\n");
        const headers = Object.fromEntries(said.subarray(0, end).toString().split("\r\n").map((line) => line.split(": ") as [string, string]));
        response.writeHead(Number.parseInt(headers.Status ?? "200", 10), headers);
        response.end(said.subarray(end + 4));
      });
    });
  }

  static async start(files: Readonly<Record<string, string>>): Promise<GitServer> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const found = new GitServer(server);
    found.#git(found.folder, "init", "-q", "--bare", "-b", "main", "app.git");
    found.#git(found.folder, "-C", "app.git", "config", "http.receivepack", "true");
    found.commit(files, "first");
    return found;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/app.git`;
  }

  /** Push a commit behind everybody's back. */
  commit(files: Readonly<Record<string, string>>, subject: string): void {
    const tree = mkdtempSync(join(this.folder, "tree-"));
    this.#git(this.folder, "clone", "-q", "app.git", tree);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    this.#git(tree, "add", "-A");
    this.#git(tree, "commit", "-q", "-m", subject);
    this.#git(tree, "push", "-q", "origin", "HEAD:main");
  }

  /** Give the newest commit tags, behind everybody's back. */
  tag(...names: readonly string[]): void {
    for (const name of names) this.#git(this.folder, "-C", "app.git", "tag", name, "main");
  }

  /** What the newest commit changed: the lines that begin with + or −. */
  changed(): string[] {
    const patch = this.#git(join(this.folder, "app.git"), "show", "--format=", "main");
    return patch.split("\n").filter((line) => /^[+-]/.test(line) && !/^(\+\+\+|---) /.test(line));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #git(cwd: string, ...given: string[]): string {
    return execFileSync("git", given, { cwd, env: this.#env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
}
