"""Which repositories a Project may open with a GitHub App."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.credentials import token_scopes
from towpath.resources.annotations import GITHUB_TOKEN_SCOPES

_NAMES = st.text("abC-.", min_size=1, max_size=4)


def test_without_the_annotation_everything_is_open() -> None:
    """To every Project."""
    assert token_scopes.read({}) is None
    assert token_scopes.allows(None, "shop", "app")
    assert token_scopes.problem({}) == ""


@given(st.dictionaries(_NAMES, st.lists(_NAMES, max_size=4), max_size=4), _NAMES, _NAMES)
def test_a_project_opens_what_stands_under_it(
    scopes: dict[str, list[str]], project: str, repository: str
) -> None:
    """Letter case does not count in names of repositories, as at GitHub; in those of Projects it does."""
    annotations = {GITHUB_TOKEN_SCOPES: json.dumps(scopes)}
    is_there = repository.lower() in [name.lower() for name in scopes.get(project, [])]
    assert token_scopes.allows(token_scopes.read(annotations), project, repository) is is_there
    assert token_scopes.problem(annotations) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it must be a JSON object"),
        ('{"shop": "app"}', "must be a list of names"),
        ('{"shop": [1]}', "must be a list of names"),
        ("1" * 300_000, "at most 256 KiB"),
    ],
)
def test_what_is_not_well_formed_lets_nobody_in(text: str, said: str) -> None:
    """And says why, to whoever writes it."""
    annotations = {GITHUB_TOKEN_SCOPES: text}
    assert token_scopes.read(annotations) == {}
    assert said in token_scopes.problem(annotations)
    assert "no Project may use" in token_scopes.problem(annotations)


def test_an_owner_in_a_name_is_told() -> None:
    """Such a name matches nothing; the others still do."""
    annotations = {GITHUB_TOKEN_SCOPES: '{"shop": ["acme/app", "app"]}'}
    assert "without their owner" in token_scopes.problem(annotations)
    assert token_scopes.allows(token_scopes.read(annotations), "shop", "app")
