"""What a Stage will hold once a Promotion has succeeded."""

from __future__ import annotations

from typing import Any

from tests.support.deciding import freight, held, request, stage
from towpath.resources.freight import collection_id
from towpath.rules.freight_collection import collection_for, reference_of


def _after(last: dict[str, Any] | None, *warehouses: str) -> dict[str, str]:
    status: dict[str, Any] = {"lastPromotion": {"name": "p", **({"status": last} if last else {})}}
    asked = stage(*(request(name, direct=True) for name in warehouses), **status)
    found = collection_for(asked, freight("new"))
    names = {key: item.name for key, item in found.items.items()}
    assert found.id == collection_id(names.values())
    return names


def test_the_target_takes_the_place_of_its_origin_and_the_others_stay() -> None:
    """From the last Promotion, also from one that failed; what is no longer requested goes."""
    before = {"phase": "Failed", "freightCollection": held("old", "other")}
    both = {"Warehouse/main": "new", "Warehouse/main1": "other"}
    assert _after(before, "main", "main1") == both
    assert _after(before, "main", "elsewhere") == {"Warehouse/main": "new"}


def test_a_stage_of_one_origin_holds_one() -> None:
    """Whatever was there before."""
    before = {"phase": "Succeeded", "freightCollection": held("old", "other")}
    assert _after(before, "main") == {"Warehouse/main": "new"}


def test_without_a_promotion_before_there_is_nothing_to_keep() -> None:
    """Or without a collection of it."""
    assert _after(None, "main", "main1") == {"Warehouse/main": "new"}
    assert _after({"phase": "Errored"}, "main", "main1") == {"Warehouse/main": "new"}


def test_a_reference_holds_what_the_freight_holds() -> None:
    """Name, origin and artifacts."""
    found = freight("x")
    reference = reference_of(found)
    assert (reference.name, reference.origin) == ("x", found.origin)
    assert reference.images == found.images
