"""What is said of all of a sort together."""

from __future__ import annotations

from towpath.resources.finding import MOST_NAMED, Wellness, together


def test_one_is_ill_and_several_are() -> None:
    """In the right number, and where not all are named it says so."""
    assert together("hosts", 0, "all are well").wellness is Wellness.OK
    assert together("hosts", 1, "").said == "1 is ill"
    assert together("hosts", 2, "").said == "2 are ill"
    assert together("hosts", MOST_NAMED + 1, "").said.startswith(
        f"{MOST_NAMED + 1} are ill, of which"
    )
