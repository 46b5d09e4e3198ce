"""The repositories that a Project works with, by the type of credential they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.admission.warnings.surroundings import Surroundings
    from towpath.store.contract import Document

_TYPES: Final = {"git": "git", "image": "image", "chart": "helm"}


async def of_project(around: Surroundings) -> Mapping[str, list[str]]:
    """Return the URLs by type. A type is left out where they cannot all be known."""
    warehouses = await around.each(scheme.WAREHOUSE, lambda one: of_warehouses([one.document]))
    if warehouses is None:
        return {}
    found = {
        type_: [url for each in warehouses for url in each[type_]] for type_ in _TYPES.values()
    }
    for kind in (scheme.STAGE, scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK):
        urls = await around.each(kind, lambda one: of_steps([one.document]))
        if urls is None or None in urls:
            del found["git"]
            return found
        found["git"] += [url for some in urls for url in some or ()]
    return found


def of_warehouses(warehouses: Iterable[Document]) -> dict[str, list[str]]:
    """Return the URLs that Warehouses subscribe to, by type of credential."""
    found: dict[str, list[str]] = {type_: [] for type_ in _TYPES.values()}
    for warehouse in warehouses:
        for item in warehouse["spec"].get("subscriptions") or ():
            for key, type_ in _TYPES.items():
                url = (item.get(key) or {}).get("repoURL")
                if isinstance(url, str) and url:
                    found[type_].append(url)
    return found


def of_steps(documents: Iterable[Document]) -> list[str] | None:
    """Return the URLs in steps of Stages and tasks; None if expressions make one of them.

    A submodule's URL stands in a repository; who has a Secret for that reads the warning and knows better.
    """
    found: list[str] = []
    for document in documents:
        spec = document["spec"]
        template = (spec.get("promotionTemplate") or {}).get("spec") or {}
        for step in spec.get("steps") or template.get("steps") or ():
            config: Any = step.get("config")
            url = config.get("repoURL") if isinstance(config, dict) else None
            if isinstance(config, str) or (isinstance(url, str) and "${" in url):
                return None
            if isinstance(url, str) and url:
                found.append(url)
    return found
