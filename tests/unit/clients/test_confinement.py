"""What a confined program reaches: what it was given, and nothing else."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest

from towpath import errors
from towpath.clients import confinement
from towpath.clients.confinement import CANNOT_CONFINE, Confinement, Limits

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.process import Finished

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


_CALL = (
    "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)\n"
    "def call(what, *given):\n"
    "    if what(*given) < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))\n"
)
_FORK = "call(libc.syscall, {'x86_64': 56, 'aarch64': 220}[os.uname().machine], 0x10000000 | 17, 0, 0, 0, 0)"
"""A process in a namespace of its own, where it would have every privilege."""


async def _python(code: str, folder: Path, **more: object) -> Finished:
    (folder / "read").mkdir(exist_ok=True)
    (folder / "write").mkdir(exist_ok=True)
    (folder / "read" / "a").write_text("given")
    (folder / "hidden").write_text("hidden")
    given: dict[str, object] = {
        "read": [folder / "read", sys.prefix, sys.base_prefix],
        "write": [folder / "write"],
        **more,
    }
    return await confinement.run(
        [sys.executable, "-c", f"folder = {str(folder)!r}\n{code}"],
        Confinement(**given),  # type: ignore[arg-type]
        environment=ENVIRONMENT,
        directory=folder / "read",
        name="it",
    )


@pytest.mark.parametrize(
    "code",
    [
        "print(open(folder + '/read/a').read())",
        "print(open(folder + '/write/b', 'w').write('x'))",
        "import os; os.rename(folder + '/write', folder + '/write') if 0 else print(os.listdir(folder + '/read'))",
        "import subprocess; print(subprocess.check_output(['cat', 'a']))",
        "import threading; each = threading.Thread(target=print); each.start(); each.join()",
        "import os; print(os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)); os.nice(1)",
        "import os, resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); os.mkfifo(folder + '/write/pipe')",
    ],
)
async def test_it_works_with_what_it_was_given(tmp_path: Path, code: str) -> None:
    """Folders to read and write, programs of the system."""
    done = await _python(code, tmp_path)
    assert done.code == 0, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "open(folder + '/hidden')",
        "open(folder + '/read/../hidden')",
        "import os; os.symlink(folder + '/hidden', folder + '/write/link'); open(folder + '/write/link')",
        "import os; os.link(folder + '/hidden', folder + '/write/link')",
        "import os; os.listdir(folder)",
        "open('/etc/passwd')",
        "open('/proc/self/environ')",
        "open(folder + '/read/new', 'w')",
        "import os; os.remove(folder + '/read/a')",
        "import os; os.truncate(folder + '/read/a', 0)",
        "import os; os.mkdir(folder + '/read/new')",
        "import subprocess; subprocess.check_call(['cat', folder + '/hidden'])",
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "import os; os.kill(os.getppid(), 0)",
        "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
        "import os; os.sched_setaffinity(os.getppid(), {0})",
        "import os; os.sched_setscheduler(os.getppid(), os.SCHED_BATCH, os.sched_param(0))",
        "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "import os; os.setpriority(os.PRIO_USER, 0, 19)",
        "import os; os.nice(-1)",
        "import os, stat; os.mknod(folder + '/write/zero', stat.S_IFCHR | 0o600, os.makedev(1, 5))",
        "import os; os.chown(folder + '/write', 12345, 12345)",
        "import os; os.chroot('.')",
        "import time; time.clock_settime(time.CLOCK_REALTIME, time.time())",
        f"{_CALL}call(libc.unshare, 0x10000000)",
        f"{_CALL}call(libc.shmget, 0, 4096, 0o1600)",
        f"{_CALL}call(libc.msgget, 0, 0o1600)",
        f"{_CALL}call(libc.semget, 0, 1, 0o1600)",
        f"{_CALL}{_FORK}",
        "bytearray(2 << 30)",
        "open(folder + '/write/large', 'wb').write(bytes(2 << 20))",
    ],
)
async def test_nothing_else_is_there(tmp_path: Path, code: str) -> None:
    """No file, no socket, no other process, no more than it may take."""
    limits = Limits(memory_bytes=1 << 30, file_bytes=1 << 20)
    done = await _python(code, tmp_path, limits=limits)
    assert done.code != 0
    assert "Error" in done.stderr
    assert (tmp_path / "read" / "a").read_text() == "given"


async def test_time_and_output_have_bounds_that_are_told(tmp_path: Path) -> None:
    """By the name that people know."""
    with pytest.raises(errors.Timeout, match=r"it did not finish within 0\.2 s"):
        await _python("while True: pass", tmp_path, limits=Limits(seconds=0.2))
    with pytest.raises(errors.TooLarge, match="it printed more than the 1,000 bytes"):
        await _python("print('x' * 2000)", tmp_path, limits=Limits(output_bytes=1_000))


async def test_a_kernel_that_cannot_confine_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless that is allowed; the error names what it takes and the setting."""
    launcher = tmp_path / "launcher.py"
    text = confinement.LAUNCHER.read_text()
    launcher.write_text(
        text.replace("_CREATE, _ADD, _RESTRICT = 444,", "_CREATE, _ADD, _RESTRICT = 9999,")
    )
    assert launcher.read_text() != text
    monkeypatch.setattr(confinement, "LAUNCHER", launcher)
    with pytest.raises(errors.Unavailable, match=r"Landlock.*rendering\.confinement"):
        await _python("print(1)", tmp_path)
    done = await _python("print(open(folder + '/hidden').read())", tmp_path, is_required=False)
    assert done.stdout == b"hidden\n"


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """By the launcher, as an answer."""
    done = await confinement.run(
        [str(tmp_path / "nothing")],
        Confinement(),
        environment=ENVIRONMENT,
        directory=tmp_path,
        name="it",
    )
    assert done.code not in (0, CANNOT_CONFINE)
    assert "nothing cannot be started" in done.stderr


async def test_the_network_is_there_for_those_to_whom_it_is_allowed(tmp_path: Path) -> None:
    """And nothing more: files are hidden all the same."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = (
            f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))\n"
            "print(open('/etc/hosts').read())"
        )
        done = await _python(code, tmp_path, network=True)
        assert done.code == 0, done.stderr
        assert (await _python(code, tmp_path)).code != 0
    assert (await _python("open(folder + '/hidden')", tmp_path, network=True)).code != 0
