"""Names of Freight and Promotions, availability, selectors: every case beside the checkout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.overrides import wanted
from tests.support.shared import cases
from towpath.patterns import PatternError, selector
from towpath.resources import moments
from towpath.resources.freight import Freight
from towpath.resources.promotion import Promotion
from towpath.resources.schema import ABSENT
from towpath.resources.shortening import shortened
from towpath.resources.stage import Stage
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.structure import errors_of
from towpath.rules.freight_name import freight_name
from towpath.rules.gates import availability
from towpath.rules.processing_order import processing_order
from towpath.rules.promotion_name import promotion_name

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ULID = "01hzz00000000000000000000a"


def test_freight_names() -> None:
    """freight-id.jsonl."""
    wrong = [
        case["id"]
        for case in cases("freight-id")
        if freight_name(view(Freight, case["in"])) != case["want"]
    ]
    assert wrong == []


def test_promotion_names_and_their_order() -> None:
    """promotion-name.jsonl."""
    wrong = [case["id"] for case in cases("promotion-name") if not _holds(case)]
    assert wrong == []


def _holds(case: dict[str, Any]) -> bool:
    given, want = case["in"], case["want"]
    match case["op"]:
        case "promo_name":
            name = promotion_name(given["stage"], given["freight"], ULID)
            return bool(
                len(name) == want["length"]
                and name.startswith(f"{want['prefix']}.{ULID}.")
                and name.endswith(f".{want['suffix']}")
            )
        case "promo_sort":
            found = [
                view(
                    Promotion,
                    {
                        "metadata": {"name": each["name"]},
                        "spec": {"stage": "s", "steps": []},
                        "status": {"phase": each["phase"]},
                    },
                )
                for each in given["promotions"]
            ]
            return bool([each.metadata.name for each in processing_order(found)] == want)
        case "hash_shorten":
            assert given["sep"] == "-"
            text = shortened(given["s"], given["maxLen"], hash_chars=given["hashLen"])
            return bool(text == want)
    raise AssertionError(f"{case['op']} is not known")


def test_availability() -> None:
    """freight-availability.jsonl."""
    wrong = []
    for case in cases("freight-availability"):
        if case.get("error"):
            wrong += (
                [case["id"]]
                if not errors_of(schema_of(Stage), case["in"]["stage"], "", ABSENT)
                else []
            )
            continue
        stage = view(Stage, case["in"]["stage"])
        found = [_freight(each) for each in case["in"]["freight"]]
        there = [
            each
            for each in found
            if availability.is_available(availability.gates(stage, each, now=NOW, listing=True))
        ]
        if sorted(each.metadata.name for each in there) != sorted(wanted(case)):
            wrong.append(case["id"])
    assert wrong == []


def _freight(given: dict[str, Any]) -> Freight:
    verified = {
        stage: (
            {"longestSoak": f"{told['longestSoakSeconds']}s"}
            if "longestSoakSeconds" in told
            else {}
        )
        for stage, told in given.get("verifiedIn", {}).items()
    }
    current = {
        stage: {"since": moments.written(NOW - timedelta(seconds=told["sinceSecondsAgo"]))}
        for stage, told in given.get("currentlyIn", {}).items()
    }
    return view(
        Freight,
        {
            "metadata": {"namespace": "proj", "name": given["name"]},
            "origin": {"kind": "Warehouse", "name": given["warehouse"]},
            "status": {
                "verifiedIn": verified,
                "currentlyIn": current,
                "approvedFor": {stage: {} for stage in given.get("approvedFor", ())},
            },
        },
    )


def test_selectors() -> None:
    """pattern.jsonl."""
    wrong = []
    for case in cases("pattern"):
        given = case["in"]
        try:
            selected = getattr(selector, given["kind"])(given["pattern"])
        except PatternError:
            found = None
        else:
            found = {text: selected(text) for text in given["inputs"]}
        if found != (None if case.get("error") else wanted(case)):
            wrong.append(case["id"])
    assert wrong == []
