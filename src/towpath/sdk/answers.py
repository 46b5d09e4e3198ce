"""Reads answers: what is no answer of this API is told as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document


def document(answer: Any) -> Document:
    """Return an answer that is an object. Raises Unavailable for any other."""
    if not isinstance(answer, dict):
        raise errors.Unavailable(
            "the server answered with what is no object; is it a Towpath server?"
        )
    return answer


def document_or_none(answer: Any) -> Document:
    """Return an answer that is an object; an empty one for an empty answer."""
    return document(answer or {})


def documents(answer: Any) -> list[Document]:
    """Return an answer that is a list, or an object with `items`; none for an empty answer."""
    if isinstance(answer, dict):
        answer = answer.get("items")
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise errors.Unavailable(
            "the server answered with what is no list; is it a Towpath server?"
        )
    return [document(each) for each in answer]


def items(key: str) -> Callable[[Any], list[Document]]:
    """Return what reads the list that an answer has under a key; a list that is left out is empty."""
    return lambda answer: items_of(answer, key)


def items_of(answer: Any, key: str) -> list[Document]:
    """Return the list that an answer has under a key."""
    found = document(answer).get(key) or []
    if not isinstance(found, list):
        raise errors.Unavailable(f"the server answered with {key} that are no list")
    return [document(item) for item in found]


def nothing(answer: Any) -> None:
    """Return nothing, whatever the answer is."""
