"""A Git server for the demo: git's own HTTP back end behind a name and a password."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import subprocess
from typing import TYPE_CHECKING, Final

from towpath.demo.loopback import Loopback
from towpath.demo.repositories import DemoRepositories
from towpath.disk import private_file

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

USER: Final = "demo"
PASSWORD_FILE: Final = "git-password"  # noqa: S105 - the name of a file
"""Beside the repositories: whoever has another account of this machine reaches the port, and not the file."""


class DemoGit(DemoRepositories):
    """Serves the bare repositories below a folder."""

    def __init__(self, folder: Path, *, programs: str) -> None:
        """`programs`: the folders in which git is looked for, as in `PATH`."""
        super().__init__(folder, programs=programs)
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


def _made() -> bytes:
    return secrets.token_urlsafe(18).encode()
