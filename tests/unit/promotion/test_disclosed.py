"""What a Promotion was told in confidence."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from towpath.errors import BadRequest
from towpath.promotion.disclosed import Disclosed


def _secret(type_: str | None = None, **values: str) -> dict[str, Any]:
    labels = {"kargo.akuity.io/cred-type": type_} if type_ else {}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"metadata": {"labels": labels}, "data": data}


def _learn(told: Disclosed, document: dict[str, Any]) -> None:
    for _ in told.learning(document):
        pass


def test_an_address_of_a_credential_may_be_seen() -> None:
    """But not the password in it; in any other Secret nothing may."""
    values = {"repoURL": "https://bot:hunter22@git.example/x.git", "password": "pa55word"}
    credential, other = Disclosed(), Disclosed()
    _learn(credential, _secret("git", **values))
    _learn(other, _secret("generic", **values))
    text = "https://bot:hunter22@git.example/x.git pa55word"
    assert credential.said(text) == "https://bot:***@git.example/x.git ***"
    assert other.said(text) == "*** ***"


def test_what_hides_in_a_message_is_masked() -> None:
    """Escape sequences within a value, and a message that ends before it does."""
    told = Disclosed()
    told.learn("s3cr3t-value")
    assert told.said("no s3c\x1b[0mr3t\u200b-value") == "no ***"
    assert told.said("x" * 16_370 + " s3cr3t-value").endswith("***")
    long = told.said("word " * 4000 + "s3cr3t-value")
    assert len(long.encode()) <= 16_384
    assert "s3cr" not in long


def test_results_are_texts_and_numbers_of_any_depth() -> None:
    """Yes, no and what is short say nothing."""
    told = Disclosed()
    told.learn_result({"a": ["abcd", 12345, 1.25, True, None, "abc"], "b": b"wxyz"})
    shown = told.masked(["abcd", 12345, 1.25, True, None, "abc", "wxyz"])
    assert shown == ["***", "***", "***", True, None, "abc", "***"]


def test_pieces_that_a_message_may_name_alone_are_masked() -> None:
    """Ordinary words are not."""
    told = Disclosed()
    told.learn("https://hooks.example/services/T0000000A/abcdEF123456")
    said = told.said("no services at T0000000A or abcdEF123456 of hooks")
    assert said == "no services at *** or *** of hooks"


def test_what_it_knows_again_is_what_expressions_were_given() -> None:
    """A credential is read anew by whoever uses it."""
    told = Disclosed()
    told.learn("from-an-expression")
    told.learn("credential", keep=False)
    assert told.kept == ("from-an-expression",)
    assert told.said("from-an-expression credential") == "*** ***"


def test_an_answer_that_is_known_is_not_given_for_others() -> None:
    """It changes with what is learnt."""
    told = Disclosed()
    told.learn("something")
    output = {"a": ["token-value"]}
    assert not told.holds(output)
    told.learn("token-value")
    assert told.holds(output)
    assert told.shown({"one": output}) == {"one": {"a": ["***"]}}


def test_too_many_values_are_refused() -> None:
    """With what to do about it."""
    told = Disclosed()
    values = {f"k{number}": f"value-{number}" for number in range(10_001)}
    with pytest.raises(BadRequest, match="read Secrets with fewer keys"):
        _learn(told, _secret(None, **values))
