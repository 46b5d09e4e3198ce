"""The Git repositories of the demo: bare ones below a folder, made and added to without a work tree."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath.clients.git.program import command as git_command
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_FULL: Final = ("No space left on device", "Disk quota exceeded", "File too large")
_SETTINGS: Final = (
    "http.receivepack",
    "receive.fsckObjects",
    "uploadpack.allowFilter",
    "uploadpack.allowAnySHA1InWant",
)
_WHO: Final = "Demo <demo@example.com>"
_VERSION: Final = "VERSION"
"""The only file of a repository of sources."""


class DemoRepositories:
    """The bare repositories below a folder."""

    def __init__(self, folder: Path, *, programs: str) -> None:
        """`programs`: the folders in which git is looked for, as in `PATH`."""
        self._folder = folder
        self._programs = programs

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

    def release(self, name: str, version: str, changes: Mapping[str, str], when: datetime) -> str:
        """Add a commit for each change to a repository of sources, by its author, the last one that of a version; return that.

        Where the version is the newest already nothing is added: whoever was cut off does it again. Raises Unavailable.
        """
        branch = "main"
        ref, seconds = f"refs/heads/{branch}", int(when.timestamp())
        self.ensure(name, {_VERSION: "\n"}, branch=branch, seconds=seconds, message="Begin")
        if self._git(name, "show", f"{ref}:{_VERSION}").strip() != version:
            parts = list[bytes]()
            for place, (said, author) in enumerate(
                [*changes.items(), (f"Release {version}", _WHO)]
            ):
                is_last = place == len(changes)
                text = said.encode()
                parts += [
                    f"commit {ref}\nauthor {author} {seconds} +0000\ncommitter {_WHO} {seconds} +0000\n".encode(),
                    b"data %d\n" % len(text) + text + b"\n",
                    f"from {ref}^0\n".encode() if place == 0 else b"",
                ]
                if is_last:
                    content = f"{version}\n".encode()
                    parts.append(f"M 100644 inline {_VERSION}\n".encode())
                    parts.append(b"data %d\n" % len(content) + content)
            self._git(name, "fast-import", "--quiet", stdin=b"".join(parts))
        return self._git(name, "rev-parse", ref).strip()

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
