"""docs/contributing/add-a-kind.md works: its code is run here, and the files it names exist."""

from __future__ import annotations

import re
import sys
import textwrap
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from towpath.errors import Invalid
from towpath.resources import crd, openapi, reference
from towpath.resources.kinds import Kind
from towpath.resources.scheme import towpath as ours
from towpath.resources.structs import schema_of
from towpath.resources.validation import admit
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/contributing/add-a-kind.md").read_text("utf-8")
MODULE, ROW, CASE = (
    textwrap.dedent(block)
    for block in re.findall(r"^ *```python\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
)
MADE = {"src/towpath/resources/contact.py", "tests/unit/resources/test_contact.py"}


@pytest.fixture
def contact() -> Iterator[Kind]:
    """The kind that the page makes."""
    module = types.ModuleType("contact_as_the_page_has_it")
    sys.modules[module.__name__] = module
    exec(compile(MODULE, "contact.py", "exec"), module.__dict__)
    names: dict[str, Any] = {**vars(ours), "contact": module}
    exec(compile(ROW, "towpath.py", "exec"), names)
    kind = names["CONTACT"]
    assert isinstance(kind, Kind)
    yield kind
    del sys.modules[module.__name__]


def test_every_file_the_page_names_exists() -> None:
    """But for the two that the reader makes."""
    named = set(re.findall(r"`((?:src|tests|docs|deploy|tools)/[\w./-]+|[A-Z]+\.md)`", PAGE))
    assert named >= MADE
    assert [name for name in sorted(named - MADE) if not (ROOT / name).exists()] == []


def test_every_make_target_the_page_names_exists() -> None:
    """The steps can be typed as they stand."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"`make (\w+)`", PAGE)
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_the_pages_kind_validates_and_gets_its_defaults(contact: Kind) -> None:
    """Types and row alone make admission know the kind."""
    document = {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "Contact",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"team": "web", "channel": "#web"},
    }
    admitted = admit(document, contact).document
    assert admitted["spec"] == {"team": "web", "channel": "#web", "urgency": "WorkingHours"}
    with pytest.raises(Invalid, match="at least one of email or channel must be set"):
        admit(document | {"spec": {"team": "web"}}, contact)


def test_the_pages_kind_has_crd_schema_and_page(contact: Kind) -> None:
    """What `make generate` writes comes from the same two pieces."""
    made = crd.definition(contact)
    assert made["metadata"]["name"] == "contacts.towpath.dev"
    fields = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert fields["properties"]["channel"]["pattern"] == "^#[a-z0-9-]+$"
    schemas = openapi.document([contact], version="1")["components"]["schemas"]
    assert "dev.towpath.v1alpha1.Contact" in schemas
    assert "| `spec.team` | string | required;" in reference.page(contact)


def test_the_pages_cases_hold(contact: Kind) -> None:
    """The case it shows is one its rule passes."""
    names = {
        "scheme": types.SimpleNamespace(CONTACT=contact),
        "Case": lambda *about, **values: (about, values),
    }
    ((kinds, path, text), values) = eval(CASE, names)
    node = schema_of(contact.type).properties[path]
    assert kinds == (contact,)
    assert [errors_of(node, value, path) for value in values["accepts"]] == [[]]
    (refused,) = values["refuses"]
    assert [error.detail.endswith(text) for error in errors_of(node, refused, path)] == [True]
