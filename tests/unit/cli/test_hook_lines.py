"""Runs of hooks that have not succeeded are told with their Stage."""

from __future__ import annotations

from towpath.cli.why.explain import stage_lines


def test_what_has_not_succeeded_is_told_and_what_blocks_is_named() -> None:
    """With the run, whose log has more; nothing where all is well."""
    run = {
        "run": "tell.0123",
        "hook": "tell",
        "event": "promotion-succeeded",
        "phase": "Failed",
        "blocking": True,
        "message": "the page is down",
    }
    lines = stage_lines({"stage": "prod", "gates": [], "hooks": [run]})
    assert lines[lines.index("Hooks that have not succeeded:") + 1 :] == [
        "  tell for promotion-succeeded: Failed, which blocks  hookrun/tell.0123",
        "    the page is down",
    ]
    assert "Hooks that have not succeeded:" not in stage_lines({"stage": "prod", "gates": []})
