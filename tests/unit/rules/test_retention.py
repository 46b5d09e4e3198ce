"""Collection: never what is in use; of the rest what is old and not among the newest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import moments
from towpath.resources.freight import Freight
from towpath.resources.promotion import Promotion
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.rules.retention import Retention, freight_to_delete, promotions_to_delete

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEEP = Retention(newest=3, minimum_age_seconds=3600)


def _promotion(number: int, phase: str, hours: float) -> Promotion:
    created = moments.whole_seconds(NOW - timedelta(hours=hours))
    return view(
        Promotion,
        {
            "metadata": {"name": f"dev.{number:04d}.x", "creationTimestamp": created},
            "spec": {"stage": "dev", "steps": []},
            "status": {"phase": phase},
        },
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Succeeded", "Failed", "Errored", "Aborted", "Running", "Pending", ""]
            ),
            st.floats(0, 48),
        ),
        max_size=12,
    ),
    st.integers(0, 11),
)
def test_promotions(found: list[tuple[str, float]], last: int) -> None:
    """What has not ended, what the Stage names, what is young and the newest three stay."""
    promotions = [_promotion(number, *each) for number, each in enumerate(found)]
    stage = view(
        Stage,
        {
            "spec": {"requestedFreight": []},
            "status": {"lastPromotion": {"name": f"dev.{last:04d}.x"}},
        },
    )
    gone = promotions_to_delete(stage, promotions, now=NOW, retention=KEEP)
    ended = [
        each
        for each in promotions
        if found[int(each.metadata.name[4:8])][0] not in ("Running", "Pending", "")
    ]
    newest = sorted((each.metadata.name for each in ended), reverse=True)[:3]
    for promotion in gone:
        phase, hours = found[int(promotion.metadata.name[4:8])]
        assert phase not in ("Running", "Pending", "")
        assert promotion.metadata.name not in newest
        assert promotion.metadata.name != f"dev.{last:04d}.x"
        assert hours > 0.99
    kept = {each.metadata.name for each in ended} - {each.metadata.name for each in gone}
    for name in kept - set(newest) - {f"dev.{last:04d}.x"}:
        assert found[int(name[4:8])][1] < 1.01


def _freight(number: int, hours: float, status: str) -> Freight:
    return view(
        Freight,
        {
            "metadata": {"name": f"f{number}"},
            "origin": {"kind": "Warehouse", "name": "main"},
            "discoveredAt": moments.precise(NOW - timedelta(hours=hours)),
            "status": {status: {"dev": {}}} if status else {},
        },
    )


@given(
    st.lists(
        st.tuples(
            st.floats(0, 48), st.sampled_from(["", "currentlyIn", "approvedFor", "verifiedIn"])
        ),
        max_size=12,
    ),
    st.sets(st.integers(0, 11)),
)
def test_freight(found: list[tuple[float, str]], used: set[int]) -> None:
    """What Stages or Promotions hold, what is approved, what is young and the newest three stay."""
    freights = [_freight(number, *each) for number, each in enumerate(found)]
    in_use = {f"f{number}" for number in used}
    gone = freight_to_delete(freights, in_use=in_use, now=NOW, retention=KEEP)
    for freight in gone:
        hours, status = found[int(freight.metadata.name[1:])]
        assert freight.metadata.name not in in_use
        assert status in ("", "verifiedIn")
        assert hours > 0.99
        newer = [
            each for each in freights if (each.discovered_at or "") > (freight.discovered_at or "")
        ]
        assert len(newer) >= 3 or len([each for each in freights if each is not freight]) >= 3
    assert len(freights) - len(gone) >= min(3, len(freights))
