"""Programs: what they get, what comes back, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from towpath import errors
from towpath.clients import process

if TYPE_CHECKING:
    from pathlib import Path


async def _run(
    directory: Path,
    *argv: str,
    seconds: float = 30,
    stdin: bytes = b"",
    stdout_limit: int = 1 << 20,
    memory_limit: int = 0,
    secrets: tuple[str, ...] = (),
) -> process.Finished:
    return await process.run(
        argv,
        environment={"PATH": "/usr/bin:/bin"},
        directory=directory,
        seconds=seconds,
        stdin=stdin,
        stdout_limit=stdout_limit,
        memory_limit=memory_limit,
        secrets=secrets,
    )


def _left_open() -> tuple[int, int]:
    me = psutil.Process()
    return me.num_fds(), len(me.children(recursive=True))


async def test_output_and_exit_code_come_back(tmp_path: Path) -> None:
    """A non-zero exit is an answer."""
    finished = await _run(tmp_path, "sh", "-c", "cat; echo sorry >&2; exit 3", stdin=b"in\0put")
    assert finished == process.Finished(3, b"in\0put", "sorry\n")
    assert (await _run(tmp_path, "sh", "-c", "kill -9 $$")).code == -9


async def test_arguments_are_never_read_by_a_shell(tmp_path: Path) -> None:
    """What they hold stays text."""
    odd = "$(touch owned); `touch owned` 'x' \"y\" *"
    assert (await _run(tmp_path, "printf", "%s", odd)).stdout.decode() == odd
    assert list(tmp_path.iterdir()) == []


async def test_only_the_given_environment_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of ours leaks into it."""
    monkeypatch.setenv("TOWPATH_TOKEN", "secret")
    assert (await _run(tmp_path, "env")).stdout == b"PATH=/usr/bin:/bin\n"


async def test_large_input_and_output_pass(tmp_path: Path) -> None:
    """More than the pipes hold, both ways at once."""
    data = bytes(range(256)) * 4000
    finished = await _run(tmp_path, "cat", stdin=data, stdout_limit=len(data))
    assert finished.stdout == data
    ignored = await _run(tmp_path, "true", stdin=data)
    assert ignored.code == 0


async def test_too_much_output_ends_the_program(tmp_path: Path) -> None:
    """The limit is named; nothing is left running."""
    before = _left_open()
    with pytest.raises(errors.TooLarge, match="yes printed more than the 1000 bytes"):
        await _run(tmp_path, "yes", stdout_limit=1000)
    assert _left_open() == before


async def test_memory_has_a_limit_for_all_that_runs(tmp_path: Path) -> None:
    """Also for what the program calls; its arguments and its name stay what they are."""
    script = (
        "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', sys.argv[1]]))"
    )
    hungry = "print(len(bytearray(300 << 20)))"
    allowed = await _run(tmp_path, sys.executable, "-c", script, hungry)
    assert allowed.stdout == b"%d\n" % (300 << 20)
    finished = await _run(tmp_path, sys.executable, "-c", script, hungry, memory_limit=200 << 20)
    assert "MemoryError" in finished.stderr
    odd = ["a b", "$HOME", "'", ""]
    echoed = await _run(tmp_path, "printf", "%s|", *odd, memory_limit=200 << 20)
    assert echoed.stdout.decode() == "a b|$HOME|'||"
    with pytest.raises(errors.TooLarge, match="yes printed more than the 1000 bytes"):
        await _run(tmp_path, "yes", stdout_limit=1000, memory_limit=200 << 20)


async def test_long_complaints_keep_both_ends(tmp_path: Path) -> None:
    """The cause stands first or last."""
    script = "import sys; sys.stderr.write('first' + 'x' * 1_000_000 + 'last')"
    finished = await _run(tmp_path, sys.executable, "-c", script)
    assert finished.stderr.startswith("firstx")
    assert finished.stderr.endswith("xlast")
    assert len(finished.stderr) < 300_000


async def test_the_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    """Also a grandchild, and one that ignores being asked."""
    before = _left_open()
    with pytest.raises(errors.Timeout, match=r"sh did not finish within 0\.2 s"):
        await _run(tmp_path, "sh", "-c", "sleep 60 & echo $! > child; sleep 60", seconds=0.2)
    assert _left_open() == before
    child = int((tmp_path / "child").read_text())
    with contextlib.suppress(psutil.NoSuchProcess):  # dead, and perhaps not yet taken note of
        assert psutil.Process(child).status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


async def test_one_that_will_not_be_asked_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM first, so that lock files go; then SIGKILL."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    before = _left_open()
    with pytest.raises(errors.Timeout):
        await _run(tmp_path, "sh", "-c", "trap '' TERM; sleep 60; sleep 60", seconds=0.2)
    assert _left_open() == before


async def test_a_polite_program_may_tidy_up(tmp_path: Path) -> None:
    """What it does on SIGTERM is waited for."""
    with pytest.raises(errors.Timeout):
        await _run(
            tmp_path,
            "sh",
            "-c",
            "trap 'touch tidied; exit' TERM; touch began; while :; do sleep 0.01; done",
            seconds=0.3,
        )
    assert (tmp_path / "tidied").exists()


async def test_cancellation_ends_it_at_any_moment(tmp_path: Path) -> None:
    """Before it starts, while it runs, and while it is being ended."""
    before = _left_open()
    for turns in (0, 1, 2, 5):
        task = asyncio.create_task(_run(tmp_path, "sleep", "60"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert _left_open() == before


async def test_a_descendant_that_holds_the_pipes_does_not_hold_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is gone, its answer counts, and what it left behind is ended."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    before = _left_open()
    finished = await _run(tmp_path, "sh", "-c", "echo done; sleep 60 &")
    assert (finished.code, finished.stdout) == (0, b"done\n")
    assert _left_open() == before


async def test_many_leave_nothing_open(tmp_path: Path) -> None:
    """No descriptor, no zombie."""
    await _run(tmp_path, "true")
    before = _left_open()
    await asyncio.gather(*(_run(tmp_path, "sh", "-c", "echo x") for _ in range(20)))
    assert _left_open() == before


async def test_what_cannot_start_says_so(tmp_path: Path) -> None:
    """Absent programs and folders, and arguments no system call takes."""
    before = _left_open()
    with pytest.raises(errors.Unavailable, match="cannot start no-such-program"):
        await _run(tmp_path, "no-such-program")
    with pytest.raises(errors.Unavailable, match="cannot start true in gone"):
        await _run(tmp_path / "gone", "true")
    with pytest.raises(errors.BadRequest, match="NUL"):
        await _run(tmp_path, "true", "a\0b")
    assert _left_open() == before


async def test_secrets_are_masked_in_what_is_shown(tmp_path: Path) -> None:
    """Plain, percent-encoded and base64."""
    script = "echo hunter/2 hunter%2F2 aHVudGVyLzI= >&2; echo hunter/2"
    finished = await _run(tmp_path, "sh", "-c", script, secrets=("hunter/2",))
    assert finished.stderr == "*** *** ***\n"
    assert finished.stdout == b"hunter/2\n"
