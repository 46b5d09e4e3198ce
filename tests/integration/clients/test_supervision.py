"""Programs under a supervisor: real ones, that are killed, and that leave others behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.waiting import until_async
from towpath.clients.supervision import Supervised, SupervisedProgram

if TYPE_CHECKING:
    from collections.abc import Callable

SHELL = "/bin/sh"
LEAVING = "import os,time\nif os.fork() == 0:\n    os.setsid()\n    print(os.getpid(), flush=True)\n    time.sleep(600)\ntime.sleep(%s)"


def _program(folder: Path, script: str, *, python: bool = False, **more: Any) -> SupervisedProgram:
    argv = [sys.executable, "-c", script] if python else [SHELL, "-c", script]
    given: dict[str, Any] = {"environment": {"PATH": os.defpath, "A": "1"}} | more
    return SupervisedProgram(argv=argv, directory=folder, log=folder / "log", **given)


def _is_there(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def _until(found: Callable[[], Any]) -> None:
    async def look() -> Any:
        return found()

    assert await until_async(look, seconds=20)


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9)])
async def test_it_tells_how_a_program_ended(tmp_path: Path, script: str, code: int) -> None:
    """It tells how a program ended."""
    found = await Supervised(_program(tmp_path, f"echo out; echo err >&2; {script}")).over()
    assert (found.code, found.is_late, found.is_ended, found.problem) == (code, False, False, "")
    assert (tmp_path / "log").read_text() == "out\nerr\n"


async def test_a_program_has_what_it_is_given_and_nothing_else(tmp_path: Path) -> None:
    """Its folder, its variables, and no input."""
    await Supervised(_program(tmp_path, "pwd; cat; env")).over()
    said = (tmp_path / "log").read_text().splitlines()
    assert said[0] == str(tmp_path)
    assert {each.partition("=")[0] for each in said[1:]} <= {"A", "PATH", "PWD", "SHLVL", "_"}


async def test_secret_values_are_masked_wherever_a_line_is_cut(tmp_path: Path) -> None:
    """Also where the program writes a value in two pieces."""
    program = _program(
        tmp_path,
        "printf 'token is s3cret-'; sleep 0.05; printf 'v4lue!\\nand s3cret-v4lue'",
        secret_values=["s3cret-v4lue"],
    )
    await Supervised(program).over()
    said = (tmp_path / "log").read_text()
    assert "v4lue" not in said
    assert said.count("token is") == 1


async def test_a_log_is_bounded_and_keeps_the_end(tmp_path: Path) -> None:
    """A log is bounded and keeps the end."""
    script = "import sys\nfor i in range(200_000): print('line', i)\nprint('x' * 50_000 + '\\x1b[31m', 'the cause')"
    await Supervised(_program(tmp_path, script, python=True, log_bytes=10_000)).over()
    said = (tmp_path / "log").read_text()
    assert len(said) < 10_000 + (66 << 10) + 100
    assert said.startswith("line 0\nline 1\n")
    assert "bytes are left out …]\n" in said
    assert said.endswith("the cause\n")
    assert "\x1b" not in said


async def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Also one that does not want to: it is killed a little later."""
    script = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    found = await Supervised(_program(tmp_path, script, seconds=0.3)).over()
    assert (found.is_late, found.is_ended, found.code) == (True, False, -9)


async def test_whatever_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    """Also in a session of its own, and with the program's pipe open."""
    await Supervised(_program(tmp_path, LEAVING % "0.2", python=True)).over()
    assert not _is_there(int((tmp_path / "log").read_text()))


async def test_somebody_ends_it(tmp_path: Path) -> None:
    """With all it started, and what is run afterwards runs."""
    program = _program(
        tmp_path,
        LEAVING % "600",
        python=True,
        afterwards=[SHELL, "-c", f"echo $A > {tmp_path}/after"],
    )
    running = Supervised(program)
    await _until(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text().strip())
    running.end()
    running.end()
    found = await running.over()
    assert (found.is_ended, found.code) == (True, -signal.SIGTERM)
    assert not _is_there(int((tmp_path / "log").read_text()))
    assert (tmp_path / "after").read_text() == "1\n"


@pytest.mark.parametrize("whom", ["the server", "the supervisor"])
async def test_no_program_outlives_who_started_it(tmp_path: Path, whom: str) -> None:
    """Whoever of them is killed, by SIGKILL."""
    code = f"""
        import asyncio, pathlib
        from towpath.clients.supervision import Supervised, SupervisedProgram
        async def main():
            folder = pathlib.Path({str(tmp_path)!r})
            running = Supervised(SupervisedProgram(argv=["/bin/sh", "-c", "echo $$; exec sleep 600"],
                directory=folder, log=folder / "log", environment={{"PATH": "/usr/bin:/bin"}}))
            print(running._process.pid, flush=True)
            await running.over()
        asyncio.run(main())
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert server.stdout is not None
    supervisor = int(server.stdout.readline())
    log = tmp_path / "log"
    await _until(lambda: log.exists() and log.read_text().strip())
    program = int(log.read_text())
    assert _is_there(program)
    os.kill(server.pid if whom == "the server" else supervisor, signal.SIGKILL)
    await _until(lambda: not _is_there(program))
    await _until(lambda: not _is_there(supervisor))
    server.wait()
    server.stdout.close()


async def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    """What cannot be started is told."""
    program = SupervisedProgram(argv=["/nowhere"], directory=tmp_path, log=tmp_path / "log")
    assert (await Supervised(program).over()).problem == "No such file or directory"
    program = SupervisedProgram(argv=[SHELL], directory=tmp_path, log=tmp_path / "no" / "log")
    assert (await Supervised(program).over()).problem == "No such file or directory"
