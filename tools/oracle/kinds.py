"""Our custom kinds at a real API server: whether it takes them as they are, and in a form that 1.20 merges by."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[2] / "deploy/crds"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def definitions() -> Iterator[dict[str, Any]]:
    """Return the CustomResourceDefinitions of the repository."""
    for path in sorted(FOLDER.glob("*.yaml")):
        yield yaml.safe_load(path.read_text("utf-8"))


def install(client: httpx.Client) -> dict[str, str]:
    """Create every definition in its `adapted` form. Returns, by name, why the server would refuse one as it is.

    Raises ValueError when an adapted one is refused.
    """
    refused = {}
    for definition in definitions():
        name = definition["metadata"]["name"]
        got = client.post(_DEFINITIONS, json=definition, params={"dryRun": "All"})
        if got.status_code != httpx.codes.CREATED:
            causes = got.json().get("details", {}).get("causes", [])
            told = "; ".join(sorted({_without_path(cause) for cause in causes}))
            refused[name] = told or got.text
        got = client.post(_DEFINITIONS, json=adapted(definition))
        if got.status_code != httpx.codes.CREATED:
            raise ValueError(f"{name}: {got.status_code}: {got.text[:2000]}")
    return refused


def are_served(client: httpx.Client) -> bool:
    """Whether every definition is served."""
    served: dict[str, set[str]] = {}
    for definition in definitions():
        spec = definition["spec"]
        group = spec["group"]
        if group not in served:
            got = client.get(f"/apis/{group}/v1alpha1")
            found = got.json().get("resources", []) if got.status_code == httpx.codes.OK else []
            served[group] = {resource["name"] for resource in found}
        if spec["names"]["plural"] not in served[group]:
            return False
    return True


def adapted(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition whose schema 1.20 merges by: without fields that are numbers or texts.

    It writes those as `anyOf`, which its own merging cannot read; it then forgets the schema and takes all lists for
    atomic. A field of any type stands in their place.
    """
    made = copy.deepcopy(definition)
    for version in made["spec"]["versions"]:
        for node in _nodes(version["schema"]["openAPIV3Schema"]):
            if node.pop("x-kubernetes-int-or-string", False):
                node.pop("anyOf", None)
                node["x-kubernetes-preserve-unknown-fields"] = True
    return made


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for field in node.get("properties", {}).values():
        yield from _nodes(field)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from _nodes(node[key])


def _without_path(cause: dict[str, str]) -> str:
    field = cause.get("field", "")
    return f"{field.rpartition('.')[2]}: {cause.get('message', '')}"
