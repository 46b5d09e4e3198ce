"""Our custom kinds at a real API server: installed as they are, or, where it refuses them, without what it refuses."""

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
    """Create every definition. Returns, by name, why the server refused one as it is.

    A refused one is installed in its `adapted` form, so that the rest can be compared. Raises ValueError when that
    is refused as well.
    """
    refused = {}
    for definition in definitions():
        name = definition["metadata"]["name"]
        got = client.post(_DEFINITIONS, json=definition)
        if got.status_code == httpx.codes.CREATED:
            continue
        causes = got.json().get("details", {}).get("causes", [])
        refused[name] = "; ".join(sorted({_without_path(cause) for cause in causes})) or got.text
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
    """Return a definition that API servers of 1.20 take: no words about metadata, no empty defaults, optional keys given one."""
    made = copy.deepcopy(definition)
    for version in made["spec"]["versions"]:
        root = version["schema"]["openAPIV3Schema"]
        root["properties"]["metadata"].pop("description", None)
        for node in _nodes(root):
            if node.get("default") == "":
                del node["default"]
            items = node.get("items", {})
            for key in node.get("x-kubernetes-list-map-keys", []):
                if key not in items.get("required", []):
                    items["required"] = [*items.get("required", []), key]
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
