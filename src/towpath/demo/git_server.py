"""A Git server for the demo: git's own HTTP back end behind a name and a password."""

from __future__ import annotations

import base64
import binascii
import os
import subprocess
from typing import TYPE_CHECKING, Final

from towpath.demo.loopback import Loopback
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

USER: Final = "demo"
PASSWORD: Final = "demo"  # noqa: S105 - on loopback, for a demonstration
_WHO: Final = "Demo <demo@example.com>"


class DemoGit:
    """Serves the bare repositories below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._http.url

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def ensure(self, name: str, files: Mapping[str, str], *, branch: str, seconds: int) -> None:
        """Make a repository with one commit of files, where there is none yet. `seconds`: its time, since 1970."""
        directory = self._folder / name
        if (directory / "HEAD").is_file():
            return
        directory.mkdir(parents=True, exist_ok=True)
        self._git(name, "init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
        for key in ("http.receivepack", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self._git(name, "config", key, "true")
        message = b"The chart of two environments\n"
        parts = [
            f"commit refs/heads/{branch}\ncommitter {_WHO} {seconds} +0000\n".encode(),
            b"data %d\n" % len(message) + message,
        ]
        for path, text in files.items():
            content = text.encode()
            parts.append(
                f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
            )
        self._git(name, "fast-import", "--quiet", stdin=b"".join(parts))

    def newest(self, name: str, branch: str) -> str:
        """Return the newest commit with what it changed, for people; empty if there is none."""
        try:
            return self._git(
                name, "show", "--format=commit %h  %an: %s", "--unified=0", "--no-color", branch
            )
        except Unavailable:
            return ""

    def _git(self, name: str, *arguments: str, stdin: bytes = b"") -> str:
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments
                ["git", *arguments],  # noqa: S607 - the git of the PATH, as everywhere
                cwd=self._folder / name,
                env=_environment(),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=60,
            )
        except FileNotFoundError as error:
            raise Unavailable("git is not installed; install git 2.38 or newer") from error
        if done.returncode != 0:
            raise Unavailable(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace")

    def _respond(self, request: Request) -> Answer:
        if not _is_let_in(request.headers.get("Authorization", "")):
            return 401, {"WWW-Authenticate": 'Basic realm="demo"'}, b""
        environment = _environment() | {
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": str(self._folder),
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query,
            "REQUEST_METHOD": request.method,
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        answered = subprocess.run(
            ["git", "http-backend"],  # noqa: S607 - as above
            env=environment,
            input=request.body,
            capture_output=True,
            check=False,
        ).stdout
        head, _, content = answered.partition(b"\r\n\r\n")
        headers = dict(
            line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line
        )
        status = int(headers.pop("Status", "200")[:3])
        return status, headers, content


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def _is_let_in(authorization: str) -> bool:
    kind, _, value = authorization.partition(" ")
    try:
        return kind == "Basic" and base64.b64decode(value).decode() == f"{USER}:{PASSWORD}"
    except (binascii.Error, ValueError):
        return False
