"""Our CRDs against the reference's, node by node; descriptions and generator annotations aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.shared import shared
from towpath.resources import crd
from towpath.resources.scheme import KARGO, SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterator

REVIEWED = yaml.safe_load(Path(__file__).with_name("crd-differences.yaml").read_text("utf-8"))
KINDS = {f"{KARGO}_{kind.plural}.yaml": kind for kind in SCHEME if kind.group == KARGO}


def _differences(theirs: Any, ours: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield (path, what differs) for every place where two definitions differ."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted({*theirs, *ours}):
            below = f"{path}.{key}".lstrip(".")
            is_text = isinstance(theirs.get(key, ours.get(key)), str)
            if (key == "description" and is_text) or below == "metadata.annotations":
                continue
            if key not in theirs:
                yield below, "only ours"
            elif key not in ours:
                yield below, "only the reference's"
            else:
                yield from _differences(theirs[key], ours[key], below)
    elif isinstance(theirs, list) and isinstance(ours, list) and path.endswith(".required"):
        if sorted(theirs) != sorted(ours):
            yield path, f"{theirs} there, {ours} here"
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for place, (their, our) in enumerate(zip(theirs, ours, strict=True)):
            yield from _differences(their, our, f"{path}[{place}]")
    elif isinstance(theirs, str) and isinstance(ours, str) and path.endswith(".rule"):
        if theirs.split() != ours.split():
            yield path, f"{theirs!r} there, {ours!r} here"
    elif theirs != ours:
        yield path, f"{theirs!r} there, {ours!r} here"


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_crd_differs_from_the_reference_only_where_reviewed(name: str) -> None:
    """Every node is the same, or a reviewed entry says why not; no entry is left over."""
    theirs = yaml.safe_load(shared("reference", "crds", name).read_text("utf-8"))
    found = sorted(_differences(theirs, crd.definition(KINDS[name]), ""))
    listed = sorted(
        (entry["path"], entry["difference"]) for entry in REVIEWED if entry["file"] == name
    )
    assert found == listed


def test_every_kind_of_the_reference_is_in_the_scheme() -> None:
    """There is no CRD beside ours that we do not have, and none of ours that is not there."""
    there = {path.name for path in shared("reference", "crds").glob("*.yaml")}
    assert there == set(KINDS)


def test_every_reviewed_difference_gives_its_reason() -> None:
    """An entry without a file we have or without a reason is no review."""
    assert all(entry["file"] in KINDS and len(entry["reason"]) > 20 for entry in REVIEWED)


def test_the_comparison_sees_differences() -> None:
    """A changed pattern, a missing property and a lost rule are each found: the comparison compares."""
    kind = KINDS[f"{KARGO}_stages.yaml"]
    ours, changed = crd.definition(kind), crd.definition(kind)
    schema = changed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    requested = schema["spec"]["properties"]["requestedFreight"]["items"]["properties"]
    requested["sources"]["properties"]["requiredSoakTime"]["pattern"] = "^x$"
    del requested["origin"]["properties"]["name"]
    steps = schema["spec"]["properties"]["promotionTemplate"]["properties"]["spec"]["properties"]
    del steps["steps"]["items"]["x-kubernetes-validations"]
    assert len(list(_differences(ours, changed, ""))) == 3
