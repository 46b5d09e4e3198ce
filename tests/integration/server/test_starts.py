"""Starts that cannot succeed: the cause and the remedy stand in one line, whatever command it is.

The conditions are real ones: programs that are not there, rights that are taken away, other people's files, a full disk.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Final

import apsw
import pytest

from tests.support.towpath_process import COMMAND, environment
from towpath.store.sqlite.database import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UP: Final = ("up", "--listen=127.0.0.1:0", "--listen-tls=none")
DEMO: Final = ("demo", "--listen=127.0.0.1:0")
BOTH = pytest.mark.parametrize("command", [UP, DEMO], ids=["up", "demo"])


def _start(
    folder: Path,
    command: tuple[str, ...],
    data: Path,
    *,
    before: Callable[[], None] | None = None,
    **more: str,
) -> str:
    """Return what a start says that fails, all of it in one line on standard error."""
    ended = subprocess.run(
        [*COMMAND, *command, f"--data={data}"],
        env=environment(folder, **more),
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stderr.startswith("towpath: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


def _without_privileges() -> None:
    """Rights of files count for the superuser too, once these capabilities are gone (PR_CAPBSET_DROP)."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert libc.prctl(24, capability, 0, 0, 0) == 0


@BOTH
def test_a_folder_of_others_is_left_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    """What lies in it is named, and nothing is written."""
    data = tmp_path / "home"
    data.mkdir()
    for name in ("thesis.tex", "photos", "mail", "a", "b"):
        (data / name).touch()
    said = _start(tmp_path, command, data)
    assert f"{data}: it holds other things already (a, b, mail, photos and 1 more)" in said
    assert "name a new or an empty folder with --data" in said
    assert len(list(data.iterdir())) == 5


def test_the_data_of_one_command_is_foreign_to_the_other(tmp_path: Path) -> None:
    """A demo does not settle in a server's data directory, nor a server in a demo's folder."""
    for name in ("towpath.db", "admin-token", "git"):
        (tmp_path / "server" / name).mkdir(parents=True)
    for name in ("towpath", "registry", "repositories"):
        (tmp_path / "demo" / name).mkdir(parents=True)
    assert "(admin-token, git, towpath.db)" in _start(tmp_path, DEMO, tmp_path / "server")
    assert "(registry, repositories, towpath)" in _start(tmp_path, UP, tmp_path / "demo")


@BOTH
def test_a_folder_without_rights_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    """One that cannot be made, and one that is there."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for data in (closed, closed / "below"):
        said = _start(tmp_path, command, data, before=_without_privileges)
        assert f"{data}: Permission denied: user id {os.geteuid()} may not write there" in said
        assert "--data" in said
    closed.chmod(0o700)


@BOTH
@pytest.mark.parametrize("mode", [0o000, 0o500], ids=["unreadable", "unwritable"])
def test_a_home_that_cannot_be_used_is_named(
    tmp_path: Path, command: tuple[str, ...], mode: int
) -> None:
    """The key file is what is wanted there, and a variable names another."""
    home = tmp_path / "home"
    home.mkdir(mode=mode)
    said = _start(
        tmp_path,
        command,
        tmp_path / "data",
        before=_without_privileges,
        HOME=str(home),
        TOWPATH_KEY_FILE="",
        XDG_CONFIG_HOME="",
        XDG_STATE_HOME="",
    )
    assert f"key file {home}/.config/towpath/key: cannot be reached or made: Permission" in said
    assert "set TOWPATH_KEY_FILE" in said
    home.chmod(0o700)


@BOTH
def test_a_full_disk_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Whichever file is the first that finds no room. (SQLite calls a file that may not grow an error of the disk.)"""
    for size in (0, 16, 4096):
        said = _start(
            tmp_path,
            command,
            tmp_path / f"data-{size}",
            before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),  # noqa: B023 - used at once
        )
        assert re.search(r"the disk (is full|reports an error)", said), said
        assert str(tmp_path) in said


def test_the_data_of_a_newer_version_is_named(tmp_path: Path) -> None:
    """With the version that wrote it, and both ways out."""
    data = tmp_path / "data"
    data.mkdir()
    with apsw.Connection(str(data / "towpath.db")) as made:
        made.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)")
        made.pragma("application_id", APPLICATION_ID)
        made.pragma("user_version", 999)
    made.close()
    said = _start(tmp_path, UP, data)
    assert "schema 999" in said
    assert "or newer, or restore a backup" in said


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """By the option that has it. (A demo takes another port, and says so.)"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for option in ("--listen", "--listen-tls"):
            free = {"--listen": "127.0.0.1:0", "--listen-tls": "127.0.0.1:0"} | {option: address}
            options = tuple(f"{name}={value}" for name, value in free.items())
            said = _start(tmp_path, ("up", *options), tmp_path / "data")
            assert f"{option} {address}: Address already in use" in said
            assert "port 0 takes any that is free" in said


def _programs(folder: Path, git: str) -> str:
    """Return a PATH with a git of a version, or with none."""
    folder.mkdir()
    if git:
        (folder / "git").write_text(f"#!/bin/sh\necho git version {git}\n")
        (folder / "git").chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("version", "cause"),
    [
        ("", "git cannot be run: there is none in {path}; install git 2.38 or newer"),
        ("2.30.2", "git 2.30 is too old; install 2.38 or newer"),
    ],
    ids=["missing", "too old"],
)
@BOTH
def test_a_git_that_is_missing_or_too_old_is_named(
    tmp_path: Path, command: tuple[str, ...], version: str, cause: str
) -> None:
    """With the version that is wanted."""
    path = _programs(tmp_path / "programs", version)
    assert cause.format(path=path) in _start(tmp_path, command, tmp_path / "data", PATH=path)


def test_git_is_found_where_path_says(tmp_path: Path) -> None:
    """Not in the usual folders alone."""
    found = shutil.which("git")
    assert found is not None
    path = _programs(tmp_path / "elsewhere", "")
    (tmp_path / "elsewhere" / "git").symlink_to(found)
    with subprocess.Popen(
        [*COMMAND, *UP, f"--data={tmp_path / 'data'}"],
        env=environment(tmp_path, PATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("towpath: serving ")
        server.terminate()
