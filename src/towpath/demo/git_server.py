"""A Git server for the demo: git's own HTTP back end behind a name and a password."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath.clients.git import command as git_command
from towpath.demo.loopback import Loopback
from towpath.disk import private_file
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.demo.loopback import Answer, Request

USER: Final = "demo"
PASSWORD_FILE: Final = "git-password"  # noqa: S105 - the name of a file
"""Beside the repositories: whoever has another account of this machine reaches the port, and not the file."""
_FULL: Final = ("No space left on device", "Disk quota exceeded", "File too large")
_SETTINGS: Final = (
    "http.receivepack",
    "receive.fsckObjects",
    "uploadpack.allowFilter",
    "uploadpack.allowAnySHA1InWant",
)
_WHO: Final = "Demo <demo@example.com>"


class DemoGit:
    """Serves the bare repositories below a folder."""

    def __init__(self, folder: Path, *, programs: str) -> None:
        """`programs`: the folders in which git is looked for, as in `PATH`."""
        self._folder = folder
        self._programs = programs
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder.with_name(PASSWORD_FILE)
        self.password = private_file.load_or_create(kept, "the password of the demo's Git server", _made).decode().strip()  # fmt: skip
        """Of `USER`; it stays the same as long as the folder does."""
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._http.url

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def ensure(
        self,
        name: str,
        files: Mapping[str, str],
        *,
        branch: str,
        seconds: int,
        message: str = "The chart of two environments",
    ) -> None:
        """Make a repository with one commit of files; to one that is there, add those that it lacks.

        `seconds`: the time of that commit, since 1970; `message`: what it says.
        """
        directory = self._folder / name
        directory.mkdir(parents=True, exist_ok=True)
        self._check(name)
        there: set[str] = set()
        ref = f"refs/heads/{branch}"
        if (directory / "HEAD").is_file() and self._git(name, "for-each-ref", "refs/heads/"):
            there = set(self._git(name, "ls-tree", "-r", "--name-only", ref).splitlines())
        else:  # one that was killed before its first commit is made anew
            self._git(name, "init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
            for key in _SETTINGS:
                self._git(name, "config", key, "true")
        missing = {path: text.encode() for path, text in files.items() if path not in there}
        if not missing:
            return
        said = f"{message}\n".encode()
        parts = [
            f"commit {ref}\ncommitter {_WHO} {seconds} +0000\n".encode(),
            b"data %d\n" % len(said) + said,
            f"from {ref}^0\n".encode() if there else b"",
        ]
        for path, content in missing.items():
            head = f"M 100644 inline {path}\ndata {len(content)}\n"
            parts.append(head.encode() + content + b"\n")
        self._git(name, "fast-import", "--quiet", stdin=b"".join(parts))

    def _check(self, name: str) -> None:
        git_command.accepted(self._git(name, "version"))
        if not (Path(self._git(name, "--exec-path").strip()) / "git-http-backend").is_file():
            raise Unavailable(
                "this git comes without git-http-backend, which the demo's Git server needs; install the whole of git "
                "(the package `git`, not a minimal one)"
            )

    def shown(self, name: str, commit: str) -> str:
        """Return a commit with what it changed, for people; empty if it is not there."""
        form = "--format=commit %h  %an: %s"
        try:
            return self._git(name, "show", form, "--unified=0", "--no-color", commit, "--")
        except Unavailable:
            return ""

    def _git(self, name: str, *arguments: str, stdin: bytes = b"") -> str:
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments
                ["git", *arguments],  # noqa: S607 - the git of the PATH, as everywhere
                cwd=self._folder / name,
                env=self._environment(),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=60,
            )
        except FileNotFoundError as error:
            raise git_command.missing(self._programs) from error
        if done.returncode != 0:
            raise _failed(arguments[0], done.returncode, done.stderr, self._folder / name)
        return done.stdout.decode(errors="replace")

    def _respond(self, request: Request) -> Answer:
        if not self._is_let_in(request.headers.get("Authorization", "")):
            return 401, {"WWW-Authenticate": 'Basic realm="demo"'}, b""
        environment = self._environment() | {
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

    def _is_let_in(self, authorization: str) -> bool:
        kind, _, value = authorization.partition(" ")
        try:
            given = base64.b64decode(value)
        except (binascii.Error, ValueError):
            return False
        return kind == "Basic" and hmac.compare_digest(given, f"{USER}:{self.password}".encode())

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": self._programs,
            "HOME": os.devnull,
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }


def _failed(command: str, code: int, stderr: bytes, folder: Path) -> Unavailable:
    said = " ".join(stderr.decode(errors="replace").split())
    if code < 0:
        said = f"ended by {signal.Signals(-code).name} {said}".rstrip()
    if code == -signal.SIGXFSZ or any(each in said for each in _FULL):
        said = f"the disk is full ({said}); free some space, then start again"
    return Unavailable(f"git {command}: {said}", place=str(folder))


def _made() -> bytes:
    return secrets.token_urlsafe(18).encode()
