"""Reference pages made from kinds."""

from __future__ import annotations

from towpath.resources import reference, scheme
from towpath.resources.scheme import SCHEME
from towpath.resources.structs import schema_of


def test_a_page_has_a_row_for_every_field() -> None:
    """Field path, type, constraints and meaning, lists and maps included."""
    rows = reference.page(scheme.STAGE).splitlines()
    assert (
        "| `spec.requestedFreight` | list of object | required; at least 1 item | "
        "Freight the Stage takes, one entry for each origin. |"
    ) in rows
    soak = next(row for row in rows if "requiredSoakTime" in row)
    assert soak.startswith(
        "| `spec.requestedFreight[].sources.requiredSoakTime` | string | pattern"
    )
    assert any(row.startswith("| `status.autoPromotionHolds.*.freightName` |") for row in rows)


def test_constraints_are_told_in_words() -> None:
    """Defaults, choices and bounds read as a person would say them."""
    page = reference.page(scheme.WAREHOUSE)
    assert 'default `"Automatic"`; one of `Automatic`, `Manual`' in page
    page = reference.page(scheme.STAGE)
    assert "one of `All`, `OneOf`, empty" in page
    assert "1 to 1024 characters" in page
    assert "at most 32768 characters" in page


def test_a_page_tells_names_columns_selectors_and_rules() -> None:
    """What is not a field of the kind is above and below the table."""
    page = reference.page(scheme.PROMOTION)
    assert "short `promo`, `promos`" in page
    assert "Columns besides Name and Age: Shard" in page
    assert "Field selectors besides `metadata.name` and `metadata.namespace`: `spec.stage`" in page
    assert "- `spec`: exactly one of freight or origin must be set" in page
    assert "Sealed at rest" in reference.page(scheme.SECRET)
    assert "For the whole installation" in reference.page(scheme.PROJECT)


def test_every_row_of_every_page_has_four_cells() -> None:
    """A pattern with `|` does not break the table."""
    for kind in SCHEME:
        rows = [row for row in reference.page(kind).splitlines() if row.startswith("|")]
        for row in rows:
            assert row.replace(r"\|", "").count("|") == 5, row
        top = set(schema_of(kind.type).properties) - {"apiVersion", "kind", "metadata"}
        assert {name for name in top if any(row.startswith(f"| `{name}` |") for row in rows)} == top
