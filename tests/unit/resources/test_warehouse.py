"""Warehouse subscriptions: a free-form item, known by its type key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.resources.scheme import WAREHOUSE
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.structure import errors_of
from towpath.resources.warehouse import (
    SUBSCRIPTIONS,
    ChartSubscription,
    GenericSubscription,
    GitSubscription,
    ImageSubscription,
    subscription_schema,
    subscription_type,
)

if TYPE_CHECKING:
    from towpath.resources.fields import Struct


def test_an_item_is_free_form_in_the_kinds_own_schema() -> None:
    """Which fields an item may have depends on its type, which an extension may have brought."""
    items = schema_of(WAREHOUSE.type).properties["spec"].properties["subscriptions"].items
    assert items is not None
    assert items.preserve_unknown


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        ({"image": {}}, "image"),
        ({"git": {}, "name": "config"}, "git"),
        ({"s3-bucket": {}, "name": "x"}, "s3-bucket"),
        ({}, None),
        ({"name": "x"}, None),
        ({"image": {}, "git": {}}, None),
        ({"image": "nginx"}, None),
        ({"image": None}, None),
        ("image", None),
        (None, None),
    ],
)
def test_the_type_is_the_one_key_besides_name(item: object, wanted: str | None) -> None:
    """Anything else has no type."""
    assert subscription_type(item) == wanted


def test_known_types_have_a_schema_and_others_none() -> None:
    """Image, git and chart are everywhere; what extensions register is not known here."""
    for key, type_ in SUBSCRIPTIONS.items():
        assert subscription_schema(key) is schema_of(type_)
    assert set(SUBSCRIPTIONS) == {"image", "git", "chart"}
    assert subscription_schema("s3-bucket") is None


@pytest.mark.parametrize(
    ("type_", "defaults"),
    [
        (
            ImageSubscription,
            {"imageSelectionStrategy": "SemVer", "strictSemvers": True, "discoveryLimit": 20},
        ),
        (
            GitSubscription,
            {
                "commitSelectionStrategy": "NewestFromBranch",
                "strictSemvers": True,
                "discoveryLimit": 20,
            },
        ),
        (ChartSubscription, {"discoveryLimit": 20}),
        (GenericSubscription, {"discoveryLimit": 20}),
    ],
)
def test_defaults_of_the_schema_are_those_of_the_view(
    type_: type[Struct], defaults: dict[str, object]
) -> None:
    """What admission fills in is what a view of an unfilled item shows."""
    fields = schema_of(type_).properties
    found = {name: field.default for name, field in fields.items() if name in defaults}
    assert found == defaults
    seen = view(type_, {"repoURL": "x"})
    assert view(type_, {"repoURL": "x"} | defaults) == seen


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("image", "nginx"),
        ("image", "localhost:5000/team/app"),
        ("image", "ghcr.io/akuity/guestbook"),
        ("git", "https://github.com/example/repo.git"),
        ("git", "http://user:secret@git.example.com:8080/r"),
        ("git", "ssh://git@example.com:22/r.git"),
        ("git", "git@github.com:example/repo.git"),
        ("chart", "https://charts.example.com"),
        ("chart", "oci://ghcr.io/example/chart"),
    ],
)
def test_addresses_that_are_accepted(key: str, url: str) -> None:
    """Each type takes the forms its page names."""
    schema = subscription_schema(key)
    assert schema is not None
    assert errors_of(schema, {"repoURL": url}) == []


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("image", ""),
        ("image", "nginx:1.25"),
        ("image", "https://ghcr.io/a"),
        ("git", ""),
        ("git", "github.com/example/repo"),
        ("git", "file:///etc"),
        ("git", "ext::sh -c whoami"),
        ("chart", "charts.example.com"),
        ("chart", "ftp://charts.example.com"),
    ],
)
def test_addresses_that_are_refused(key: str, url: str) -> None:
    """Tags, missing or foreign schemes and transports that run programs are no addresses."""
    schema = subscription_schema(key)
    assert schema is not None
    assert "repoURL" in {error.path for error in errors_of(schema, {"repoURL": url})}


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_the_discovery_limit_is_1_to_100(limit: int) -> None:
    """Outside of it every type refuses."""
    for type_ in (*SUBSCRIPTIONS.values(), GenericSubscription):
        found = errors_of(schema_of(type_), {"discoveryLimit": limit})
        assert "discoveryLimit" in {error.path for error in found}
