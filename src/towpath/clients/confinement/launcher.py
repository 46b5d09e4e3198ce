"""Confines this process and becomes another program: `launcher.py TERMS PROGRAM ARGUMENTS…`, TERMS as JSON.

It is run alone, by its path, before anything of Towpath is imported: it has to be quick. Landlock decides which files
there are, seccomp that there are no sockets, and that nothing which is started leaves the group of
processes that is ended as one.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import struct
import sys
from typing import Any, Final, NoReturn

_CANNOT_CONFINE: Final = 95
_CANNOT_START: Final = 96
_REFUSAL: Final = "not confined: "
"""The same text is in the package above."""

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""Landlock's system calls, which have the same numbers everywhere."""
_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
_SECCOMP: Final = 22
_FILTER: Final = 2

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15
_KNOWN: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each version of Landlock knows."""

_CALLS: Final = {
    "x86_64": (0xC000003E, (41, 109, 112, 425)),
    "aarch64": (0xC00000B7, (198, 154, 157, 425)),
}
"""The machine as seccomp names it, and the numbers there of what is refused: socket(2), setpgid(2), setsid(2), io_uring."""
_X32: Final = 0x40000000


def main() -> NoReturn:
    """Confine and go over."""
    terms = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        _stop(_CANNOT_CONFINE, f"{_REFUSAL}it does not let a process give up privileges")
    there = _tasks() if terms["processes"] else 0
    for confine in (_files, _calls):
        try:
            confine(libc, terms)
        except OSError as error:
            if terms["required"]:
                _stop(_CANNOT_CONFINE, f"{_REFUSAL}{error}")
    more = ((resource.RLIMIT_NPROC, there + terms["processes"]),) if there else ()
    for what, most in (
        *more,
        (resource.RLIMIT_DATA, terms["memory"]),
        (resource.RLIMIT_FSIZE, terms["file"]),
        (resource.RLIMIT_NOFILE, terms["files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
    try:
        os.execve(sys.argv[2], sys.argv[2:], os.environ)  # noqa: S606 - an argument array, never a shell
    except OSError as error:
        _stop(_CANNOT_START, f"{sys.argv[2]} cannot be started: {error.strerror}")


def _tasks() -> int:
    """Return how many processes and threads the machine has, 0 where it does not say."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:  # noqa: PTH123 - this file imports as little as it can
            return int(file.read().split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return 0


def _files(libc: Any, terms: dict[str, Any]) -> None:
    """Let nothing be seen but what the terms name. Raises OSError."""
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < 1:
        raise OSError(
            ctypes.get_errno(), "it has no Landlock, or does not let this container use it"
        )
    rights = (1 << _KNOWN.get(version, 16)) - 1
    network = 3 if version >= 4 else 0
    scoped = 3 if version >= 6 else 0
    attributes = struct.pack("=QQQ", rights, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(
        _CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )
    if rules < 0:
        raise OSError(ctypes.get_errno(), "Landlock refuses to begin")
    for paths, allowed in ((terms["read"], _READ), (terms["write"], rights)):
        for path in paths:
            try:
                handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue  # what is not there cannot be reached
            mine = allowed & rights
            if not os.path.isdir(path):  # noqa: PTH112 - this file imports as little as it can
                mine &= _OF_FILES
            rule = struct.pack("=Qi", mine, handle)
            added = libc.syscall(
                _ADD,
                ctypes.c_int(rules),
                ctypes.c_int(_PATH_BENEATH),
                ctypes.c_char_p(rule),
                ctypes.c_uint32(0),
            )
            os.close(handle)
            if added:
                raise OSError(ctypes.get_errno(), "Landlock refuses a rule")
    if libc.syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0)):
        raise OSError(ctypes.get_errno(), "Landlock refuses to act")
    os.close(rules)


def _calls(libc: Any, _: dict[str, Any]) -> None:
    """Let no socket be made, of any kind, and no process leave its group. Raises OSError."""
    known = _CALLS.get(platform.machine())
    if known is None:
        raise OSError(0, f"sockets cannot be refused on {platform.machine()}")
    machine, refused = known
    count = len(refused)
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse, kill = 0x7FFF0000, 0x00050000 | 13, 0x80000000
    program = b"".join(
        struct.pack("=HBBI", *each)
        for each in (
            (load, 0, 0, 4),
            (equal, 1, 0, machine),
            (answer, 0, 0, kill),
            (load, 0, 0, 0),
            (at_least, count + 1, 0, _X32),
            *((equal, count - place, 0, call) for place, call in enumerate(refused)),
            (answer, 0, 0, allow),
            (answer, 0, 0, refuse),
        )
    )
    code = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    )
    if libc.prctl(_SECCOMP, _FILTER, head, 0, 0):
        raise OSError(ctypes.get_errno(), "it has no seccomp")


def _stop(code: int, why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
