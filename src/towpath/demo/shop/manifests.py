"""The manifests of the shop: the example three-regions, at the address where the demo's regions answer; and its repository."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.examples import example
from towpath.demo.shop.regions import HOST
from towpath.resources import manifests

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE: Final = "three-regions"
REPOSITORY: Final = "shop.git"
BRANCH: Final = "main"
_WAREHOUSE: Final = "Warehouse"
_SELDOM: Final = "1000h"
_GUIDE: Final = "towpath.dev/guide"
"""Label of a Project in which the web UI leads through a first move; `ui/src/features/guide` knows it as well."""
_TASK: Final = "PromotionTask"
_STEP: Final = "deploy"
"""What a Promotion did before versions were written to Git as well."""

Document = dict[str, Any]


def now(regions: str) -> list[Document]:
    """Return the shop as it is. `regions`: the URL of what stands for its regions. Raises NotFound."""
    found = []
    for path in sorted(example(EXAMPLE).glob("*.yaml")):
        text = path.read_bytes().replace(HOST.encode(), regions.encode())
        found += [_guided(each.document) for each in manifests.read(text, path.name)]
    return found


def _guided(document: Document) -> Document:
    """Have the web UI lead whoever sees the Project through a first move."""
    if document["kind"] != "Project":
        return document
    return document | {"metadata": document["metadata"] | {"labels": {_GUIDE: "first-move"}}}


def then(regions: str) -> list[Document]:
    """Return the shop as it was while its history was made: its Promotions did not write to Git yet. Raises NotFound."""
    return [_before_git(each) for each in now(regions)]


def files(running: Mapping[str, str]) -> dict[str, str]:
    """Return what the repository has, by path. `running`: the version that runs for each Stage."""
    return {
        f"{stage}/values.yaml": f'# What runs in {stage}; promotions set it.\nimage:\n  tag: "{version}"\nreplicas: 3\n'
        for stage, version in sorted(running.items())
    }


def _before_git(document: Document) -> Document:
    found = deepcopy(document)
    if document["kind"] == _WAREHOUSE:
        # Whoever builds asks for a look: without, each day that is passed over would have some.
        found["spec"]["interval"] = _SELDOM
    if document["kind"] != _TASK:
        return found
    steps = found["spec"]["steps"]
    found["spec"]["steps"] = [each for each in steps if each.get("as") == _STEP]
    return found
