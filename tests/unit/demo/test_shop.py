"""The shop's regions, and what is told of its last three weeks."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest

from towpath.demo.shop import manifests, story
from towpath.demo.shop.regions import DemoRegions
from towpath.demo.shop.story import ShopBuild, ShopMove

if TYPE_CHECKING:
    from pathlib import Path


def _ask(
    regions: DemoRegions, method: str, path: str, body: object = None
) -> tuple[int, dict[str, str]]:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(regions.url + path, data=data, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def test_a_region_runs_what_it_is_told_to_also_after_a_restart(tmp_path: Path) -> None:
    """It keeps it in its file."""
    file = tmp_path / "regions.json"
    regions = DemoRegions(file)
    try:
        assert _ask(regions, "GET", "/storefront-eu/healthz")[0] == 503
        assert _ask(regions, "PUT", "/storefront-eu", {"version": "2.11.0"})[0] == 200
        code, said = _ask(regions, "GET", "/storefront-eu/healthz")
        assert (code, said["version"]) == (200, "2.11.0")
    finally:
        regions.close()
    again = DemoRegions(file)
    try:
        assert again.running == {"storefront-eu": "2.11.0"}
    finally:
        again.close()


def test_a_faulty_version_answers_wrongly_and_a_full_region_takes_it_after_some_tries(
    tmp_path: Path,
) -> None:
    """So there is something to be seen."""
    regions = DemoRegions(tmp_path / "regions.json")
    try:
        _ask(regions, "PUT", "/checkout-test", {"version": "1.7.0"})
        assert _ask(regions, "GET", "/checkout-test/healthz")[0] == 500
        codes = [_ask(regions, "PUT", "/checkout-ap", {"version": "1.6.0"})[0] for _ in range(3)]
        assert codes == [507, 507, 200]
    finally:
        regions.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/storefront-mars", {"version": "1"}, 404),
        ("PUT", "/storefront-eu", ["1"], 400),
        ("PUT", "/storefront-eu", {}, 400),
        ("GET", "/storefront-eu", None, 404),
        ("DELETE", "/storefront-eu", None, 404),
    ],
)
def test_what_a_region_does_not_understand_it_says(
    tmp_path: Path, method: str, path: str, body: object, code: int
) -> None:
    """With a status and a word."""
    regions = DemoRegions(tmp_path / "regions.json")
    try:
        answered, said = _ask(regions, method, path, body)
        assert answered == code
        assert said["error"]
    finally:
        regions.close()


def test_what_is_moved_was_built_before_and_soaked_where_it_goes_to_a_region() -> None:
    """Else the engine would refuse it."""
    built: dict[tuple[str, str], float] = {}
    last = float("inf")
    for event in story.events():
        assert event.hours_ago <= last, "oldest first"
        last = event.hours_ago
        if isinstance(event, ShopBuild):
            built[event.product, event.version] = event.hours_ago
            continue
        since = built[event.product, event.version] - event.hours_ago
        if event.place in story.REGIONS:
            assert since > 6, event
    assert last > 0


def test_as_many_moves_fail_as_regions_had_no_room_but_for_the_next_one_of_checkout() -> None:
    """It is what Trouble shows."""
    fails = [each.stage for each in story.events() if isinstance(each, ShopMove) and each.fails]
    assert sorted(fails) == ["checkout-ap", "storefront-ap"]


def test_the_repository_has_what_runs_and_the_manifests_name_where_regions_answer() -> None:
    """Git is written to from now on."""
    files = manifests.files({"storefront-eu": "2.15.0"})
    assert 'tag: "2.15.0"' in files["storefront-eu/values.yaml"]
    text = json.dumps(manifests.now("http://127.0.0.1:1"))
    assert "regions.example.com" not in text
    assert "git-push" in text
    assert "git-push" not in json.dumps(manifests.then("http://127.0.0.1:1"))
