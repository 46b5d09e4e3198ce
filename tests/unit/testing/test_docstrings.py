"""Examples in the docstrings of the kits for authors are Python as it stands there: somebody copies them."""

from __future__ import annotations

import importlib
import pkgutil
import re
import textwrap

import pytest

import towpath.testing

MODULES = [
    towpath.testing.__name__,
    *(
        each.name
        for each in pkgutil.walk_packages(towpath.testing.__path__, f"{towpath.testing.__name__}.")
        if not each.name.endswith(".__main__")
    ),
]
CODE = re.compile(r"^(?:async def|def|class|from \w\S* import|assert) .*", re.MULTILINE)


def examples(text: str) -> list[str]:
    """Return the indented blocks of a text, each without its indentation."""
    blocks = re.findall(r"(?:^ {4}.*\n(?:[ ]*\n)*)+", text, re.MULTILINE)
    return [textwrap.dedent(each) for each in blocks]


@pytest.mark.parametrize("name", MODULES)
def test_what_looks_like_code_is_an_indented_block_that_runs(name: str) -> None:
    """Its imports find what they name; the tests that it defines are not begun."""
    text = f"{importlib.import_module(name).__doc__ or ''}\n"
    assert CODE.findall(text) == []
    for each in examples(text):
        exec(compile(each, name, "exec"), {})


@pytest.mark.parametrize(
    "name", ["towpath.testing", "towpath.testing.providers", "towpath.testing.subscriptions"]
)
def test_each_kit_has_an_example(name: str) -> None:
    """A test that its reader can begin with."""
    (example,) = examples(f"{importlib.import_module(name).__doc__}\n")
    assert f"from {name} import" in example
    assert "async def test_" in example
