"""What nobody tells of is looked at less and less often, while nothing changes."""

from __future__ import annotations

from tests.support.stores import ref
from towpath.resources import scheme
from towpath.runtime.unchanged import Unchanged


def test_the_wait_grows_while_nothing_changes() -> None:
    """Up to half a minute; a change, and another key, begin anew."""
    unchanged = Unchanged()
    a, b = ref(scheme.CONFIG_MAP, "a"), ref(scheme.CONFIG_MAP, "b")
    waits = [unchanged.seconds(a, "3 pods") for _ in range(7)]
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert unchanged.seconds(a, "2 pods") == 1
    assert unchanged.seconds(b, "2 pods") == 1
    assert unchanged.seconds(a, "2 pods") == 2
    unchanged.forget(a)
    assert unchanged.seconds(a, "2 pods") == 1
