"""Confines this process and becomes another program: `launcher.py TERMS PROGRAM ARGUMENTS…`, TERMS as JSON.

It is run alone, by its path, before anything of Towpath is imported: it has to be quick. Landlock decides which files
there are, and which processes are reached by signals (Linux 6.12 or newer). seccomp refuses what Landlock does not know of:
sockets, leaving the group of processes that is ended as one, memory that outlives its processes, and what one process may
do to another of the same account. Where the server runs as root, the program has none of root's privileges.
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
_DROP_BOUND: Final = 24
_AMBIENT, _CLEAR_AMBIENT = 47, 4
_CAPABILITIES: Final = 0x20080522
"""The version of `capset(2)` that has two words of each set."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_DEVICES: Final = 1 << 6 | 1 << 11
"""Making nodes of devices: who may, and has one in a folder of its own, reads the disk by it."""
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15
_KNOWN: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each version of Landlock knows."""

_MACHINES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Each machine as seccomp names it, and which number of a system call is its own."""
_SOCKET: Final = (41, 198)
_REFUSED: Final = (
    _SOCKET,
    (109, 154), (112, 157),  # setpgid, setsid
    (425, 425),  # io_uring_setup, which does what other calls do
    (29, 194), (68, 186), (64, 190), (240, 180),  # shmget, msgget, semget, mq_open: they outlive who made them
    (248, 217), (249, 218), (250, 219),  # add_key, request_key, keyctl
    (101, 117), (279, 239), (256, 238),  # ptrace, move_pages, migrate_pages
    (272, 97), (308, 268),  # unshare, setns
    (321, 280), (298, 241), (323, 282),  # bpf, perf_event_open, userfaultfd
    (251, 30),  # ioprio_set
)  # fmt: skip
"""Numbers of system calls, by machine. https://man7.org/linux/man-pages/man2/syscalls.2.html"""
_OF_ITSELF: Final = (
    ((302, 261), (0,)),  # prlimit64
    ((203, 122), (0,)),  # sched_setaffinity
    ((144, 119), (0,)),  # sched_setscheduler
    ((142, 118), (0,)),  # sched_setparam
    ((314, 274), (0,)),  # sched_setattr
    ((141, 140), (0, 1)),  # setpriority
)
"""Calls that may name another process, and which arguments must be 0, which means the one that calls."""
_CLONE: Final = (56, 220)
_CLONE3: Final = (435, 435)
_NAMESPACES: Final = 0x7E020000
"""Flags of clone(2) that make a namespace, in which a program has privileges anew."""
_TRUNCATE: Final = (76, 45)
_SINCE_TRUNCATE: Final = 3
"""The version of Landlock that decides about truncate(2), which names a file by its path."""
_X32: Final = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
"""What a line of a seccomp filter does: `(what, lines to pass over if so, if not, value)`."""
_ARGUMENTS: Final = 16
"""Where arguments begin in what a filter sees; each has eight bytes, the lower half first."""
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE: Final = 0x00050000 | 13
_NO_SUCH_CALL: Final = 0x00050000 | 38


def main() -> NoReturn:
    """Confine and go over."""
    terms = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        _stop(_CANNOT_CONFINE, f"{_REFUSAL}it does not let a process give up privileges")
    there = _tasks() if terms["processes"] else 0
    _offer_to_be_ended()
    _give_up_privileges(libc)
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
    version = _landlock(libc)
    if version < 1:
        raise OSError(
            ctypes.get_errno(), "it has no Landlock, or does not let this container use it"
        )
    rights = (1 << _KNOWN.get(version, 16)) - 1
    network = 3 if version >= 4 and not terms["network"] else 0
    scoped = 3 if version >= 6 else 0
    attributes = struct.pack("=QQQ", rights, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(
        _CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )
    if rules < 0:
        raise OSError(ctypes.get_errno(), "Landlock refuses to begin")
    for paths, allowed in ((terms["read"], _READ), (terms["write"], rights & ~_DEVICES)):
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


def _landlock(libc: Any) -> int:
    """Return the version of Landlock, below 1 where there is none."""
    version: int = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return version


def _offer_to_be_ended() -> None:
    """Have the kernel end this before anything else where memory runs out."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - as above
            file.write("1000")
    except OSError:
        pass  # the limit of memory holds all the same


def _give_up_privileges(libc: Any) -> None:
    """Keep none of root's: a program that is started gets none back, as new ones are refused."""
    for capability in range(64):
        libc.prctl(_DROP_BOUND, capability, 0, 0, 0)
    libc.prctl(_AMBIENT, _CLEAR_AMBIENT, 0, 0, 0)
    head, none = struct.pack("=Ii", _CAPABILITIES, 0), struct.pack("=6I", *(0,) * 6)
    if libc.capset(ctypes.c_char_p(head), ctypes.c_char_p(none)):
        _stop(_CANNOT_CONFINE, f"{_REFUSAL}it does not let a process give up privileges")


def _calls(libc: Any, terms: dict[str, Any]) -> None:
    """Refuse what files are no matter of. Raises OSError."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        raise OSError(0, f"sockets cannot be refused on {platform.machine()}")
    machine, own = known
    refused = [each[own] for each in _REFUSED if each != _SOCKET or not terms["network"]]
    if _landlock(libc) < _SINCE_TRUNCATE:
        refused.append(_TRUNCATE[own])
    lines = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, machine),
        (_ANSWER, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32),
        (_ANSWER, 0, 0, _REFUSE),
        *(line for call in refused for line in ((_EQUAL, 0, 1, call), (_ANSWER, 0, 0, _REFUSE))),
        # Its flags lie in memory. Who is told that there is no such call takes clone(2).
        *((_EQUAL, 0, 1, _CLONE3[own]), (_ANSWER, 0, 0, _NO_SUCH_CALL)),
        *_unless(_CLONE[own], ((0, (_ANY_OF, 0, 1, _NAMESPACES)),)),
        *(
            line
            for calls, places in _OF_ITSELF
            for line in _unless(calls[own], tuple((place, (_EQUAL, 1, 0, 0)) for place in places))
        ),
        (_ANSWER, 0, 0, _ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    kept = ctypes.create_string_buffer(code, len(code))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(lines), ctypes.addressof(kept)))
    if libc.prctl(_SECCOMP, _FILTER, head, 0, 0):
        raise OSError(ctypes.get_errno(), "it has no seccomp")


def _unless(
    call: int, tests: tuple[tuple[int, tuple[int, int, int, int]], ...]
) -> list[tuple[int, int, int, int]]:
    """Return the lines that refuse a call where a test of an argument, by its place, goes on to the next line."""
    body = []
    for place, test in tests:
        body += [(_LOAD, 0, 0, _ARGUMENTS + 8 * place), test, (_ANSWER, 0, 0, _REFUSE)]
    body.append((_ANSWER, 0, 0, _ALLOW))
    return [(_EQUAL, 0, len(body), call), *body]


def _stop(code: int, why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
