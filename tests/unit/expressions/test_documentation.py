"""docs/reference/expressions.md: every example in it is run, and every builtin has one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from towpath import expressions
from towpath.expressions import ExpressionError, gotext
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.parser import PREDICATES

PAGE = (
    Path(__file__).resolve().parents[3].joinpath("docs", "reference", "expressions.md").read_text()
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENVIRONMENT: dict[str, Any] = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])
EXAMPLES = re.findall(r"^    (.+) → (.+)$", PAGE, re.MULTILINE)
TEMPLATES = re.findall(
    r"^\| `(.+)` \| `(.+)` \|$",
    PAGE.partition("| template |")[2].partition("\n\n")[0],
    re.MULTILINE,
)


def strict(value: Any) -> str:
    """Return JSON in which 1, 1.0 and true differ."""
    return json.dumps(gotext.plain(value), sort_keys=True)


@pytest.mark.parametrize(("source", "wanted"), EXAMPLES, ids=[source for source, _ in EXAMPLES])
def test_an_example_gives_what_the_page_says(source: str, wanted: str) -> None:
    """Integers and floats are told apart; `error` is a refusal."""
    if wanted == "error":
        with pytest.raises(ExpressionError):
            expressions.compile(source).evaluate(ENVIRONMENT, now=NOW)
    else:
        value = expressions.compile(source).evaluate(ENVIRONMENT, now=NOW)
        assert strict(value) == strict(json.loads(wanted))


@pytest.mark.parametrize(("text", "wanted"), TEMPLATES, ids=[text for text, _ in TEMPLATES])
def test_a_template_gives_what_the_page_says(text: str, wanted: str) -> None:
    """Numbers compare by value: what a template gives has passed through JSON."""
    assert expressions.template(text).evaluate(ENVIRONMENT) == json.loads(wanted)


@pytest.mark.parametrize("name", sorted({*BUILTINS, *PREDICATES}))
def test_every_builtin_has_an_example(name: str) -> None:
    """The call stands in an example that gives a value."""
    assert any(
        re.search(rf"\b{name}\(", source) and wanted != "error" for source, wanted in EXAMPLES
    )
