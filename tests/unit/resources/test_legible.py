"""What older versions stored is answered so that a strict reader can decode it; what is all right is not touched."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.support.documents import full
from tests.support.strict_reading import faults
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.legible import legible, mended
from towpath.resources.structs import schema_of
from towpath.store.contract import Stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind

_HOSTILE: tuple[Any, ...] = (None, 3.0, -1, "banana", "99999999999h", True, [None], {"a": None})


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document: what holds it, and its key there."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def _shown(kind: Kind, document: Any) -> Any:
    stored = Stored(Ref(kind, "shop", "a"), "uid", 1, msgspec.json.encode(document))
    return stored.legible_document


@pytest.mark.parametrize("kind", scheme.SCHEME, ids=lambda kind: kind.name)
@pytest.mark.slow
def test_whatever_lies_there_is_decoded_by_a_strict_reader(kind: Kind) -> None:
    """Each place of a full document holds each of some wrong values once; what is put right once stays as it is."""
    whole = mended(kind.type, full(schema_of(kind.type)))
    whole |= {"apiVersion": kind.api_version, "kind": kind.name}
    whole = msgspec.json.decode(msgspec.json.encode(whole))
    assert faults(kind, whole) == []
    raw = msgspec.json.encode(whole)
    assert legible(kind.type, raw) is raw
    for holder, key in _places(whole):
        before = copy.copy(holder[key])
        for wrong in _HOSTILE:
            holder[key] = wrong
            shown = _shown(kind, whole)
            assert faults(kind, shown) == [], (key, wrong)
            assert _shown(kind, shown) == shown
        holder[key] = before


def test_what_a_strict_reader_would_refuse_is_put_right_and_the_rest_stays() -> None:
    """A field has its default, or goes; a duration that guards something is the longest; unknown keys stay."""
    document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": "dev", "namespace": "shop", "labels": {"a": None, "b": "c"}},
        "spec": {
            "later": 1,
            "requestedFreight": [
                {
                    "origin": {"kind": "Warehouse", "name": "main"},
                    "sources": {"direct": True, "requiredSoakTime": "banana"},
                },
                "none",
            ],
            "promotionTemplate": {
                "spec": {
                    "steps": [{"uses": "fail", "retry": {"errorThreshold": 3.0, "timeout": "1d"}}]
                }
            },
        },
        "status": {"health": {"status": "Fine", "output": {"a": None}}},
    }
    shown = _shown(scheme.STAGE, document)
    longest = "2562047h47m16.854775807s"
    [wanted] = shown["spec"]["requestedFreight"]
    assert wanted["sources"] == {"direct": True, "requiredSoakTime": longest}
    [step] = shown["spec"]["promotionTemplate"]["spec"]["steps"]
    assert step["retry"] == {"errorThreshold": 3, "timeout": longest}
    assert isinstance(step["retry"]["errorThreshold"], int)
    assert shown["metadata"]["labels"] == {"b": "c"}
    assert shown["spec"]["later"] == 1
    assert shown["status"]["health"] == {"output": {"a": None}}
