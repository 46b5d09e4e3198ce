"""Semantic versions and repository addresses: every case beside the checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.shared import cases
from towpath.versions import semver, urls

if TYPE_CHECKING:
    from collections.abc import Callable


def _parsed(text: str) -> dict[str, Any]:
    version = semver.parse(text)
    return {
        "major": version.major,
        "minor": version.minor,
        "patch": version.patch,
        "prerelease": version.prerelease,
        "metadata": version.metadata,
        "string": str(version),
        "original": version.original,
    }


def _is_strict(text: str) -> bool:
    try:
        semver.parse_strict(text)
    except semver.VersionError:
        return False
    return True


def _is_range(text: str) -> bool:
    try:
        semver.parse_range(text)
    except semver.VersionError:
        return False
    return True


def _readable(texts: list[str]) -> list[semver.Version]:
    found = []
    for text in texts:
        try:
            found.append(semver.parse(text))
        except semver.VersionError:
            continue
    return found


def _holds(case: dict[str, Any]) -> bool:
    match case["op"]:
        case "parse":
            is_strict = _is_strict(case["version"])
            return _parsed(case["version"]) == case["want"] and is_strict is case["strict_ok"]
        case "constraint":
            return bool(_is_range(case["constraint"]) == case["valid"])
        case "satisfies":
            wanted = semver.parse_range(case["constraint"])
            return bool(wanted.contains(semver.parse(case["version"])) == case["want"])
        case "compare":
            return bool(semver.parse(case["a"]).compare(semver.parse(case["b"])) == case["want"])
        case "inc":
            found = semver.parse(case["version"]).incremented(case["part"])
            return (str(found), found.original) == (case["want"], case["original"])
        case "sort":  # equal versions may come in any order
            found_order = sorted(_readable(case["versions"]))
            wanted_order = [semver.parse(text) for text in case["want"]]
            originals = sorted(version.original for version in found_order)
            return found_order == wanted_order and originals == sorted(case["want"])
    raise AssertionError(case["op"])


def test_semantic_versions() -> None:
    """semver.jsonl: parsing, ranges, order, increments."""
    wrong = []
    for case in cases("semver"):
        try:
            holds = _holds(case) and not case.get("error")
        except semver.VersionError:
            holds = bool(case.get("error"))
        if not holds:
            wrong.append(case["id"])
    assert wrong == []


def test_addresses() -> None:
    """url-normalize.jsonl: Git, images, charts."""
    normalize: dict[str, Callable[[str], str]] = {
        "git": urls.normalize_git,
        "image": urls.normalize_image,
        "chart": urls.normalize_chart,
    }
    wrong = [
        case["id"]
        for case in cases("url-normalize")
        if normalize[case["in"]["kind"]](case["in"]["url"]) != case["want"]
    ]
    assert wrong == []
