"""Looks at a data directory, and changes nothing: who can read it, whether its key fits, whether the database is whole."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath.errors import TowpathError
from towpath.resources.finding import Finding, Wellness
from towpath.store.sqlite import backup, database, file_facts, sqlite_errors
from towpath.store.sqlite.connection import connect
from towpath.store.sqlite.keyring import Keyring
from towpath.store.sqlite.sealing import Sealer

if TYPE_CHECKING:
    from collections.abc import Iterator

_OK, _ILL, _UNKNOWN = Wellness.OK, Wellness.ILL, Wellness.UNKNOWN
_PRIVATE: Final = (
    "towpath.db", "towpath.db-wal", "towpath.db-shm", "search.db", "search.db-wal", "admin-token", "tls",
)  # fmt: skip
_LEAST_FREE: Final = 1 << 30
"""Bytes below which a disk is nearly full."""
_SECONDS: Final = 10.0
_PROGRAMS: Final = {
    "git": (("git", "--version"), "install git 2.34 or newer: clones and pushes need it"),
    "helm": (
        ("helm", "version", "--short"),
        "install Helm 3, if Stages render charts: pip install 'towpath[helm]' has it",
    ),
}


def examined(data: Path, key_file: Path) -> Iterator[Finding]:
    """Yield what is found, one thing after another; a database of many gigabytes takes its time."""
    path = data / "towpath.db"
    if not path.is_file():
        yield Finding(
            "data directory",
            _ILL,
            f"{data}: there is no towpath.db in it",
            "name the directory that `towpath up --data` has",
        )
        return
    yield from _readers(data)
    yield _room(data, path)
    key = _key_file(key_file, data)
    yield key
    yield _database(path, key_file if key.wellness is _OK else None)
    for program in _PROGRAMS:
        yield program_found(program)


def _readers(data: Path) -> Iterator[Finding]:
    is_fine = True
    for path in (data, *(data / name for name in _PRIVATE)):
        try:
            mode = path.stat()
        except FileNotFoundError:
            continue
        except OSError as error:
            is_fine = False
            yield Finding("permissions", _UNKNOWN, f"{path}: {error.strerror}", "look as its owner")
            continue
        if mode.st_mode & 0o077:
            is_fine = False
            wanted = "700" if stat.S_ISDIR(mode.st_mode) else "600"
            said = f"{path}: others of this machine may open it (mode {stat.S_IMODE(mode.st_mode):04o})"
            yield Finding("permissions", _ILL, said, f"chmod {wanted} {path}")
        if mode.st_uid != os.geteuid():
            is_fine = False
            said = f"{path}: it belongs to user {mode.st_uid}, and this is user {os.geteuid()}"
            yield Finding(
                "permissions", _ILL, said, "run Towpath, and this, as the user who owns the data"
            )
    if is_fine:
        yield Finding("permissions", _OK, f"{data}: nobody but its owner may open it")


def _room(data: Path, path: Path) -> Finding:
    free = shutil.disk_usage(data).free
    size = path.stat().st_size
    said = f"{free:,} bytes are free, the database has {size:,}"
    if free < max(_LEAST_FREE, size):
        return Finding(
            "disk",
            _ILL,
            said,
            "make room: writes stop when the disk is full, and a backup needs as much again",
        )
    return Finding("disk", _OK, said)


def _key_file(key_file: Path, data: Path) -> Finding:
    try:
        database.refuse_key_inside(key_file, data)
        ids = Keyring.load(key_file).ids
    except TowpathError as error:
        return Finding(
            "key file",
            _ILL,
            str(error),
            "name the right one with TOWPATH_KEY_FILE; without it no Secret can be opened",
        )
    return Finding("key file", _OK, f"{key_file}: {len(ids)} keys, which nobody else may read")


def _database(path: Path, key_file: Path | None) -> Finding:
    """Check a copy, which is thrown away: the server may run meanwhile."""
    what = "database"
    try:
        with tempfile.TemporaryDirectory(prefix="towpath-doctor-") as folder:
            copy = Path(folder) / "copy.db"
            with sqlite_errors.translating(path):
                backup.copy(path, copy)
                with closing(connect(copy, read_only=True)) as connection:
                    wanted = file_facts.read(connection, "key_id")
            key = Keyring.load(key_file).find(wanted or "") if key_file is not None else None
            if key is None:
                said = f"its Secrets are sealed with key {wanted}, which is not at hand; the rest was not looked at"
                return Finding(
                    what, _ILL, said, "name the key file that has it with TOWPATH_KEY_FILE"
                )
            with sqlite_errors.translating(copy):
                found = backup.check(copy, Sealer(key))
    except TowpathError as error:
        return Finding(
            what, _ILL, str(error), "put the last backup back: towpath restore FILE --data DIR"
        )
    except OSError as error:
        return Finding(
            what,
            _UNKNOWN,
            f"no copy could be made to check: {error}",
            "make room where TMPDIR is, or set it",
        )
    return Finding(
        what,
        _OK,
        f"whole: {found.objects:,} objects at revision {found.revision}, every Secret opens",
    )


def program_found(name: str) -> Finding:
    """Return whether a program that Towpath runs is here, and which version of it."""
    command, remedy = _PROGRAMS[name]
    if shutil.which(command[0]) is None:
        is_needed = name == "git"
        return Finding(
            f"program {name}", _ILL if is_needed else _UNKNOWN, "it is not on the PATH", remedy
        )
    try:
        done = subprocess.run(  # noqa: S603 - one of the table's programs
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(f"program {name}", _ILL, f"it does not run: {error}", remedy)
    if done.returncode != 0:
        return Finding(
            f"program {name}",
            _ILL,
            f"it ends with {done.returncode}: {done.stderr.strip()[:200]}",
            remedy,
        )
    return Finding(f"program {name}", _OK, done.stdout.strip().partition("\n")[0])
