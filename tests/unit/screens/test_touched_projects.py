"""Which Projects were touched since when."""

from __future__ import annotations

from towpath.screens.touched_projects import TouchedProjects


def test_those_that_were_touched_since_are_told_once() -> None:
    """Whatever was touched before."""
    touched = TouchedProjects()
    touched.note("a")
    touched.note("b")
    seen = touched.count
    assert touched.since(seen) == []
    touched.note("c")
    touched.note("a")
    touched.note("c")
    assert set(touched.since(seen) or ()) == {"a", "c"}
    assert set(touched.since(0) or ()) == {"a", "b", "c"}
    assert touched.since(touched.count) == []


def test_all_may_have_been_touched() -> None:
    """Then nobody can tell which; and of more than are kept none is forgotten."""
    touched = TouchedProjects(most=3)
    before = touched.count
    touched.note_all()
    assert touched.since(before) is None
    after = touched.count
    touched.note("a")
    assert touched.since(after) == ["a"]
    for name in "bcd":
        touched.note(name)
    assert touched.since(after) is None
    assert touched.since(touched.count) == []
