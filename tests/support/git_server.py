"""A real Git server on loopback: git's own HTTP back end behind a small front with basic authentication.

It needs no root and nothing but git. Repositories are bare and lie in a folder; hooks can be installed to
refuse pushes, and every request is recorded.
"""

from __future__ import annotations

import base64
import contextlib
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Seed",
    "GIT_AUTHOR_EMAIL": "seed@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "Seed",
    "GIT_COMMITTER_EMAIL": "seed@example.com",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run plain git and return what it printed; a failure fails the test."""
    finished = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=_ENVIRONMENT,
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout.decode().strip()


@dataclass(frozen=True)
class Request:
    """One request as the server saw it."""

    method: str
    path: str
    service: str
    user: str
    status: int


@dataclass
class GitServer:
    """Serves the bare repositories below `root` at `url`."""

    root: Path
    url: str = ""
    user: str = "towpath"
    password: str = "s3cret/token+1"
    requests: list[Request] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    """What came as `Authorization`, right or wrong."""
    redirects: dict[str, str] = field(default_factory=dict)
    """First part of a path → base URL to redirect requests to."""
    failures: list[int] = field(default_factory=list)
    """Statuses to answer the next requests with, one each."""
    retry_after: str = ""
    """What they say of `Retry-After`."""
    on_request: Callable[[], None] = lambda: None
    """Called while each request waits for its answer, from the server's own threads."""
    breaks_off: int = 0
    """As many packs as are to end in their middle, with the connection."""
    half_answers: list[str] = field(default_factory=list)
    """How the next pushes are answered that have been taken: `cut`, `half`, `empty` or `502`."""
    dumb: bool = False
    """Serve the files of repositories as they lie there, as a server does that knows nothing of Git."""
    stalled: threading.Event | None = None
    """While set to an event, requests wait for it."""

    def create(
        self, name: str, files: Mapping[str, str | bytes] | None = None, branch: str = "main"
    ) -> str:
        """Make repository `name` with one commit of `files` (none: empty) and return its URL."""
        directory = self.path(name)
        directory.mkdir(parents=True)
        git(directory, "init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
        for key in ("http.receivepack", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            git(directory, "config", key, "true")
        if files is not None:
            self.commit(name, files, branch=branch, message="Initial commit")
        return f"{self.url}/{name}"

    def path(self, name: str) -> Path:
        """Where repository `name` lies."""
        return self.root / name

    def commit(
        self,
        name: str,
        files: Mapping[str, str | bytes | None],
        *,
        branch: str = "main",
        message: str = "Change",
    ) -> str:
        """Commit `files` (None deletes) on top of `branch` on the server itself; return the commit.

        A push that arrives meanwhile is not overwritten: the commit is made anew on top of it.
        """
        for _ in range(50):
            if self._import(name, files, branch, message):
                return self.head(name, branch)
        raise AssertionError(f"{name}: {branch} moves all the time")

    def _import(
        self, name: str, files: Mapping[str, str | bytes | None], branch: str, message: str
    ) -> bool:
        lines = [
            f"commit refs/heads/{branch}\n".encode(),
            b"committer Seed <seed@example.com> 1700000000 +0000\n",
            _data(message.encode("utf-8", "surrogateescape")),
        ]
        if self.head(name, branch):
            lines.append(f"from refs/heads/{branch}^0\n".encode())
        for path, content in files.items():
            if content is None:
                lines.append(f"D {path}\n".encode())
            else:
                raw = content.encode() if isinstance(content, str) else content
                lines.append(f"M 100644 inline {path}\n".encode() + _data(raw))
        finished = subprocess.run(
            ["git", "fast-import", "--quiet"],
            cwd=self.path(name),
            env=_ENVIRONMENT,
            input=b"".join(lines),
            capture_output=True,
            check=False,
        )
        said = finished.stderr.decode()
        if finished.returncode == 0:
            return True
        moved = "Not updating" in said or "cannot lock ref" in said or "is at" in said
        assert moved, said
        return False

    def head(self, name: str, branch: str = "main") -> str:
        """Return the commit of `branch`, or nothing."""
        listed = git(
            self.path(name), "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}"
        )
        return listed.strip()

    def read(self, name: str, path: str, branch: str = "main") -> str:
        """Return a file as it stands on the server."""
        return git(self.path(name), "cat-file", "-p", f"refs/heads/{branch}:{path}")

    def count(self, name: str, branch: str = "main") -> int:
        """Return how many commits `branch` has."""
        return int(git(self.path(name), "rev-list", "--count", f"refs/heads/{branch}"))

    def hook(self, name: str, kind: str, script: str) -> None:
        """Install a server-side hook such as `pre-receive`."""
        path = self.path(name) / "hooks" / kind
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script + "\n")
        path.chmod(0o755)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: else each answer waits 40 ms for the other side's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    towpath: GitServer

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self._body())

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base's name
        """Stay silent; requests are recorded instead."""

    def _serve(self, body: bytes) -> None:
        server = self.towpath
        server.on_request()
        if server.stalled is not None:
            server.stalled.wait(30)
        url = urlsplit(self.path)
        first = url.path.split("/")[1]
        if server.failures:
            self._plain(server.failures.pop(0))
        elif first in server.redirects:
            self._record(301, "")
            self.send_response(301)
            self.send_header("Location", server.redirects[first] + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif server.password and self._user() is None:
            self._plain(401)
        elif not server.path(first).is_dir():
            self._plain(404)
        elif server.dumb:
            self._file(server.root / url.path.removeprefix("/"))
        else:
            self._backend(url.path, url.query, body)

    def _user(self) -> str | None:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        with contextlib.suppress(ValueError):
            user, _, password = base64.b64decode(value).decode().partition(":")
            if (kind, user, password) == ("Basic", self.towpath.user, self.towpath.password):
                return user
        return None

    def _plain(self, status: int) -> None:
        self._record(status, "")
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
        elif self.towpath.retry_after:
            self.send_header("Retry-After", self.towpath.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, path: Path) -> None:
        content = path.read_bytes() if path.is_file() else None
        self._record(200 if content is not None else 404, "")
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _backend(self, path: str, query: str, body: bytes) -> None:
        environment = _ENVIRONMENT | {
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": str(self.towpath.root),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_USER": self._user() or "anonymous",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        answered = subprocess.run(
            ["git", "http-backend"], env=environment, input=body, capture_output=True, check=False
        ).stdout
        head, _, content = answered.partition(b"\r\n\r\n")
        if self.towpath.half_answers and self.command == "POST" and path.endswith("receive-pack"):
            self._half_answer(self.towpath.half_answers.pop(0), content)
            return
        headers = [line.partition(": ") for line in head.decode().split("\r\n") if line]
        status = next((int(value[:3]) for name, _, value in headers if name == "Status"), 200)
        self._record(status, query.removeprefix("service="))
        self.send_response(status)
        for name, _, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.towpath.breaks_off and b"PACK" in content:
            self.towpath.breaks_off -= 1
            content = content[: content.index(b"PACK") + 20]
            self.close_connection = True
        self.wfile.write(content)

    def _half_answer(self, how: str, content: bytes) -> None:
        """Do not tell, or not wholly, what became of a push."""
        if how == "502":
            self._plain(502)
            return
        self._record(200, "git-receive-pack")
        self.close_connection = True
        if how == "cut":
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-receive-pack-result")
        self.send_header("Content-Length", "0" if how == "empty" else str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if how == "half" else b"")

    def _record(self, status: int, service: str) -> None:
        if login := self.headers.get("Authorization"):
            self.towpath.logins.append(login)
        self.towpath.requests.append(
            Request(self.command, urlsplit(self.path).path, service, self._user() or "", status)
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was ended breaks its connection; that is part of the tests."""


@contextlib.contextmanager
def serving(
    root: Path, *, password: str | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[GitServer]:
    """Serve `root` on a free loopback port; `password` "" lets everybody in; with `tls` encrypted."""
    root.mkdir(parents=True, exist_ok=True)
    served = GitServer(root)
    if password is not None:
        served.password = password
    handler = type("Handler", (_Handler,), {"towpath": served})
    listener = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    served.url = f"{scheme}://127.0.0.1:{listener.server_address[1]}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
