"""Pages of a comparison: all commits once, in their order, whichever artifact they are of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from towpath.rules.released.report import (
    ReleasedArtifact,
    ReleasedCommit,
    ReleaseReport,
    shown,
    shown_part,
)

_COUNTS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3)), max_size=5)


def _report(counts: list[tuple[int, int]]) -> ReleaseReport:
    return ReleaseReport(
        artifacts=[
            ReleasedArtifact(
                kind="image",
                name=f"a{number}",
                change="changed",
                commits=[ReleasedCommit(id=f"{number}-{n}") for n in range(come)],
                removed_commits=[ReleasedCommit(id=f"{number}-r{n}") for n in range(gone)],
                unknown="" if come else "no label",
            )
            for number, (come, gone) in enumerate(counts)
        ]
    )


@given(_COUNTS, st.integers(1, 10))
def test_pages_are_the_whole(counts: list[tuple[int, int]], most: int) -> None:
    """Each page has what it may have; together they are what is answered without pages."""
    report = _report(counts)
    whole, skip, pages = shown(report), 0, []
    while True:
        page = shown_part(report, skip, most)
        assert page["commits"] == sum(map(sum, counts))
        pages.append(page)
        if page["cursor"] is None:
            break
        skip = page["cursor"]
    for number, artifact in enumerate(whole["artifacts"]):
        for name in ("commits", "removedCommits"):
            parts = [each for page in pages for each in page["artifacts"][number][name]]
            assert parts == artifact[name]
    for page in pages:
        told = [len(each[n]) for each in page["artifacts"] for n in ("commits", "removedCommits")]
        assert sum(told) <= most
    assert [each["name"] for each in pages[0]["missing"]] == [
        f"a{number}" for number, (come, _) in enumerate(counts) if not come
    ]
