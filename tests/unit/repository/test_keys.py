"""The keys of labels and annotations, and the shared namespaces, each stand in one place."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[3] / "src" / "towpath"
KEY = re.compile(
    r"([a-z]+\.)?(kargo\.akuity\.io|towpath\.dev)/(?!v1)[a-z-]+|kargo-(shared|system)-resources"
)


def _keys(text: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and KEY.fullmatch(node.value)
    }


@pytest.mark.slow
def test_a_key_is_written_in_one_module() -> None:
    """What a key is called is looked up and changed there; the others use its name."""
    places = defaultdict(list)
    for path in sorted(SOURCES.rglob("*.py")):
        if path.relative_to(SOURCES).parts[0] != "demo":
            for key in _keys(path.read_text("utf-8")):
                places[key].append(str(path.relative_to(SOURCES)))
    assert {key: found for key, found in places.items() if len(found) > 1} == {}
    assert {found for each in places.values() for found in each} <= {
        "admission/event_recorder.py",
        "admission/finalizers.py",
        "resources/shared_namespaces.py",
        "rules/default_roles.py",
        "rules/project_roles.py",
    }


def test_a_second_spelling_is_found() -> None:
    """Or the test above would hold for any sources."""
    assert _keys(
        'A = "kargo.akuity.io/alias"; B = "kargo-shared-resources"; C = "kargo.akuity.io/v1alpha1"'
    ) == {
        "kargo.akuity.io/alias",
        "kargo-shared-resources",
    }
