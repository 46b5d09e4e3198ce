"""Lists and maps of a spec are bounded, each in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from towpath.errors import Invalid
from towpath.resources.scheme import SCHEME
from towpath.resources.structs import schema_of
from towpath.resources.validation import admit
from towpath.resources.validation.counts import BOUNDS, count_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.schema import Schema

FREE = {
    # Values by key, which nothing is multiplied with; the values and bytes of an object bound them.
    "ConfigMap": {"data", "binaryData"},
    "Secret": {"data", "stringData"},
    "ServiceAccount": {"secrets", "imagePullSecrets"},
    "PromotionJournal": {"entries", "data"},  # written by us
    "Namespace": {"spec.finalizers"},
}


def _lists(schema: Schema, path: str) -> Iterator[str]:
    """Yield the path of each list and map of a schema, those with a bound of their own left out."""
    if (schema.items is not None and schema.max_items is None) or schema.values is not None:
        yield path
    if schema.items is not None:
        yield from _lists(schema.items, f"{path}[]")
    for name, field in schema.properties.items():
        below = f"{path}.{name}" if path else name
        if below not in ("metadata", "status"):
            yield from _lists(field, below)


@pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.name)
def test_every_list_of_a_spec_has_a_bound(kind: Any) -> None:
    """Whoever adds a list thinks of how long it may be; what is in the table is there."""
    there = set(_lists(schema_of(kind.type), ""))
    named = {path for path in BOUNDS.get(kind.name, {}) if not path.startswith("spec.subscr")}
    if kind.name == "Warehouse":
        named.add("spec.subscriptions")
    assert there == named | FREE.get(kind.name, set())


def _holding(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part.removesuffix("[]"): [{}, value] if part.endswith("[]") else value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("kind", "path", "most"),
    [(kind, path, most) for kind, bounds in BOUNDS.items() for path, most in bounds.items()],
)
def test_one_more_is_refused(kind: str, path: str, most: int) -> None:
    """By field and bound; lists and maps alike. What was stored longer may stay, and become shorter."""
    at = _holding(path, ["x"] * most)
    over = _holding(path, {str(number): "x" for number in range(most + 1)})
    assert list(count_errors(kind, at)) == []
    [error] = count_errors(kind, over, at)
    assert error.path == path.replace("[]", "[1]")
    assert error.type == "FieldValueTooMany"
    assert error.detail == f"Too many: {most + 1}: must have at most {most} items"
    assert list(count_errors(kind, over, over)) == []
    assert list(count_errors(kind, over, _holding(path, ["x"] * (most + 9)))) == []


@pytest.mark.parametrize("shape", [None, 3, "x", [], {"a": 1}])
@pytest.mark.parametrize("at", ["spec", "spec.requestedFreight", "spec.requestedFreight[].sources"])
def test_documents_of_another_shape_are_counted_without_an_exception(shape: Any, at: str) -> None:
    """The schema says what is wrong with them."""
    assert list(count_errors("Stage", _holding(at, shape), shape)) == []


def test_a_document_is_refused_for_it() -> None:
    """With all else that is wrong."""
    index = {"key": "subscribedURLs", "operator": "Equals", "value": "x"}
    target = {"kind": "Warehouse", "indexSelector": {"matchIndices": [index] * 51}}
    receiver = {"name": "r", "generic": {"actions": [{"targetSelectionCriteria": [target]}]}}
    document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "ProjectConfig",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"webhookReceivers": [receiver]},
    }
    kind = next(each for each in SCHEME if each.name == "ProjectConfig")
    with pytest.raises(Invalid) as refused:
        admit(document, kind)
    said = [str(cause) for cause in refused.value.causes]
    where = "spec.webhookReceivers[0].generic.actions[0].targetSelectionCriteria[0].indexSelector.matchIndices"
    assert f"{where}: Too many: 51: must have at most 50 items" in said
