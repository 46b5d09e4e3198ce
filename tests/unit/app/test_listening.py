"""Files that sockets take: how many the process asks for, and how many it leaves for others."""

from __future__ import annotations

import resource

import pytest

from towpath.app import listening
from towpath.app.connections import ConnectionLimits

_INFINITY = resource.RLIM_INFINITY


def _allowed(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> list[tuple[int, int]]:
    """Have the system allow so many files; return what it is asked for."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: asked.append(wanted))
    return asked


@pytest.mark.parametrize(
    ("soft", "hard", "asked"),
    [
        (1024, 4096, [(4096, 4096)]),
        (1024, 1 << 20, [(1 << 16, 1 << 20)]),
        (1024, _INFINITY, [(1 << 16, _INFINITY)]),
        (1 << 17, 1 << 20, []),
        (4096, 4096, []),
        (_INFINITY, _INFINITY, []),
    ],
)
def test_as_many_files_are_asked_for_as_may_be(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, asked: list[tuple[int, int]]
) -> None:
    """Up to 65,536; never fewer than there were."""
    told = _allowed(monkeypatch, soft, hard)
    listening.allow_files()
    assert told == asked


@pytest.mark.parametrize(
    ("soft", "connections"), [(1024, 512), (1 << 16, 10_000), (_INFINITY, 10_000)]
)
def test_connections_leave_half_of_the_files(
    monkeypatch: pytest.MonkeyPatch, soft: int, connections: int
) -> None:
    """The database and Git need some too."""
    _allowed(monkeypatch, soft, _INFINITY)
    assert listening.limits() == ConnectionLimits(connections=connections)
