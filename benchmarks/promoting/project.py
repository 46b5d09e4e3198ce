"""The Project that promotions are measured in, and Promotions that have ended in it long ago."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.rules.promotion_name import promotion_name
from towpath.rules.ulid import ulid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KARGO: Final = "kargo.akuity.io/v1alpha1"


class Named:
    """How things of the Project are called."""

    project: Final = "shop"
    base: Final = "/v1beta1/projects/shop"
    kube: Final = "/apis/kargo.akuity.io/v1alpha1/namespaces/shop"
    alias: Final = "first"

    @staticmethod
    def stage(number: int) -> str:
        """Return the name of a Stage."""
        return f"s{number:02}"


NAMED: Final = Named()


_COMPOSED: Final = {"uses": "compose-output", "as": "out", "config": {"tag": "${{ 1 + 1 }}"}}
"""A step that needs nothing but the server."""


def documents(
    *, stages: int, freight: int, steps: Sequence[dict[str, Any]] = (_COMPOSED,)
) -> Iterator[dict[str, Any]]:
    """Yield a Project, Stages that take Freight straight from a Warehouse, and so many Freight."""

    def made(kind: str, name: str | None, **rest: Any) -> dict[str, Any]:
        metadata = {"name": name} if name else {}
        metadata |= {} if kind == "Project" else {"namespace": NAMED.project}
        return {"apiVersion": _KARGO, "kind": kind, "metadata": metadata, **rest}

    origin = {"kind": "Warehouse", "name": "main"}
    yield made("Project", NAMED.project)
    yield made(
        "Warehouse",
        "main",
        spec={
            "subscriptions": [{"image": {"repoURL": "registry.invalid/app"}}],
            "freightCreationPolicy": "Manual",
            "interval": "24h",
        },
    )
    for number in range(stages):
        spec = {
            "requestedFreight": [{"origin": origin, "sources": {"direct": True}}],
            "promotionTemplate": {"spec": {"steps": list(steps)}},
        }
        yield made("Stage", NAMED.stage(number), spec=spec)
    for number in range(freight):
        image = {
            "repoURL": "registry.invalid/app",
            "tag": f"1.0.{number}",
            "digest": f"sha256:{number:064x}",
        }
        called = {"alias": NAMED.alias} if number == 0 else {}
        yield made("Freight", None, origin=origin, images=[image], **called)


def ended(
    pattern: dict[str, Any], stages: Sequence[dict[str, Any]], count: int
) -> Iterator[dict[str, Any]]:
    """Yield Promotions like `pattern`, one a second up to a day ago, to all Stages in turn."""
    begin = datetime.now(UTC) - timedelta(days=1, seconds=count)
    freight = pattern["spec"]["freight"]
    for number in range(count):
        stage = stages[number % len(stages)]
        name, uid = stage["metadata"]["name"], stage["metadata"]["uid"]
        document = copy.deepcopy(pattern)
        at = begin + timedelta(seconds=number)
        metadata = document["metadata"]
        for field in ("uid", "resourceVersion", "creationTimestamp", "generation"):
            metadata.pop(field, None)
        metadata["name"] = promotion_name(name, freight, ulid(at, number.to_bytes(10, "big")))
        metadata["ownerReferences"] = [{**metadata["ownerReferences"][0], "name": name, "uid": uid}]
        for place in ("labels", "annotations"):
            metadata[place] = {
                key: name if key.endswith("/stage") else value
                for key, value in (metadata.get(place) or {}).items()
            }
        document["spec"]["stage"] = name
        written = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        document["status"] |= {"startedAt": written, "finishedAt": written}
        yield document
