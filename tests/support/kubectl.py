"""The real kubectl: the one on PATH where it is recent enough, else the one that `make setup` unpacks."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

UNPACKED = Path(__file__).resolve().parents[2] / ".tools/kubectl/usr/bin/kubectl"
OLDEST = (1, 29)


class NoKubectlError(AssertionError):
    """There is no kubectl to test with, which is a failure and not a reason to skip."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    def ok(self) -> str:
        """Return what it printed. Raises AssertionError unless it succeeded."""
        assert self.code == 0, f"kubectl {' '.join(self.arguments)}: {self.code}\n{self.err}"
        return self.out

    def json(self) -> Any:
        """Return the JSON it printed. Raises AssertionError unless it succeeded."""
        return json.loads(self.ok())


def version_of(command: str) -> tuple[int, int]:
    """Return the version of a kubectl as (major, minor); (0, 0) of what is none."""
    try:
        told = subprocess.run(
            [command, "version", "--client", "-o", "json"],
            env={"PATH": os.defpath, "HOME": os.devnull, "KUBECONFIG": os.devnull},
            capture_output=True,
            check=True,
            timeout=30,
        ).stdout
        version = json.loads(told)["clientVersion"]
        return int(version["major"]), int(version["minor"].rstrip("+"))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return 0, 0


@cache
def find() -> str:
    """Return the kubectl to test with. Raises NoKubectlError naming the remedy."""
    for candidate in (shutil.which("kubectl"), str(UNPACKED)):
        if candidate is not None and version_of(candidate) >= OLDEST:
            return candidate
    raise NoKubectlError(
        "kubectl >= 1.29 is needed and is neither on PATH nor in .tools/kubectl: run `make setup`, which "
        "unpacks Debian's, or install one"
    )


@dataclass(frozen=True, slots=True)
class Kubectl:
    """A kubectl with one kubeconfig, and a home of its own: nothing of the caller's configuration counts."""

    kubeconfig: Path
    home: Path
    command: str = ""
    timeout: float = 30

    def argv(self, *arguments: str) -> list[str]:
        """Return the whole command line."""
        return [
            self.command or find(),
            f"--kubeconfig={self.kubeconfig}",
            f"--cache-dir={self.home / 'cache'}",
            *arguments,
        ]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment it runs in."""
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.home), **more}

    async def run(self, *arguments: str, stdin: str | bytes = "", **more: str) -> Ended:
        """Run a command to its end, `timeout` seconds at most.

        Raises AssertionError with what it had printed when it takes longer; it is killed then.
        """
        process = await asyncio.create_subprocess_exec(
            *self.argv(*arguments),
            env=self.environment(**more),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        sent = stdin.encode() if isinstance(stdin, str) else stdin
        try:
            out, err = await asyncio.wait_for(process.communicate(sent), self.timeout)
        except TimeoutError:
            process.kill()
            await process.wait()
            shown = " ".join(arguments)
            raise AssertionError(f"kubectl {shown}: not done after {self.timeout} s") from None
        assert process.returncode is not None
        return Ended(arguments, process.returncode, out.decode(), err.decode())

    async def lines(self, *arguments: str, **more: str) -> AsyncGenerator[str, None]:
        """Run a command that goes on (`get -w`) and yield its lines; closing the iterator interrupts it.

        Raises AssertionError when no line comes for `timeout` seconds.
        """
        process = await asyncio.create_subprocess_exec(
            *self.argv(*arguments),
            env=self.environment(**more),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            while line := await asyncio.wait_for(process.stdout.readline(), self.timeout):
                yield line.decode().rstrip("\n")
        except TimeoutError:
            shown = " ".join(arguments)
            raise AssertionError(f"kubectl {shown}: no line in {self.timeout} s") from None
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
                try:
                    await asyncio.wait_for(process.wait(), self.timeout)
                except TimeoutError:
                    process.kill()
                    await process.wait()
