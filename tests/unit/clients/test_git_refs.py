"""What a server says that it offers, however much that is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from towpath.clients.git.mirrors import remote

if TYPE_CHECKING:
    import pytest

    from towpath.clients.git.mirrors.remote import Refs

_HEAD = (
    b"ref: refs/heads/main\tHEAD\n" + b"a" * 40 + b"\tHEAD\n" + b"a" * 40 + b"\trefs/heads/main\n"
)


def _tags(count: int) -> bytes:
    lines = (
        b"%040x\trefs/tags/v%d\n%040x\trefs/tags/v%d^{}\n" % (number, number, number + 1, number)
        for number in range(count)
    )
    return b"".join(lines)


async def test_a_long_list_is_read_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server decides how long it is: half a million refs held everybody up for more than a second."""
    threads: list[int] = []
    parse = remote.parse

    def noted(listed: bytes) -> Refs:
        threads.append(threading.get_ident())
        return parse(listed)

    monkeypatch.setattr(remote, "parse", noted)
    few, many = await remote.read(_HEAD + _tags(3)), await remote.read(_HEAD + _tags(5_000))
    assert threads[0] == threading.get_ident() != threads[1]
    for found, count in ((few, 3), (many, 5_000)):
        assert (found.default_branch, found.branches) == ("main", {"main": "a" * 40})
        assert len(found.tags) == count
        assert found.tags["v2"].object == f"{2:040x}"
        assert found.tags["v2"].commit == f"{3:040x}"
