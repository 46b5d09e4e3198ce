"""What expressions of generic receivers see: the request, the parameters of an action, and functions for addresses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.static_types import ANY, STRING, Signature, Type
from towpath.expressions.values import Failure, Function, Record, shown
from towpath.versions.urls import normalize_chart, normalize_git, normalize_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NORMALIZE: Final[Mapping[str, Callable[[str], str]]] = {
    "normalizeGit": normalize_git,
    "normalizeImage": normalize_image,
    "normalizeChart": normalize_chart,
}
TYPES: Final[Mapping[str, Type | Signature]] = {
    **{name: Signature(1, 1, (STRING,), STRING) for name in _NORMALIZE},
    "request": ANY,
    "params": ANY,
}
"""What is known of the environment before it is there."""


def functions() -> dict[str, Function]:
    """Return the functions that bring addresses into one form."""
    return {
        name: Function(name, lambda url, form=form: form(_text(url)))
        for name, form in _NORMALIZE.items()
    }


def environment(
    body: Any,
    headers: Sequence[tuple[str, str]],
    query: Sequence[tuple[str, str]],
    parameters: Mapping[str, str],
) -> dict[str, Any]:
    """Return the variables. `headers`, `query`: as they came, in their order; a name may come several times."""

    def all_of(name: Any) -> list[str]:
        wanted = _text(name).lower()
        return [value for key, value in headers if key.lower() == wanted]

    def parameter(name: Any) -> str:
        wanted = _text(name)
        return next((value for key, value in query if key == wanted), "")

    request = Record(
        "request",
        {"body": body},
        methods={
            "header": lambda name: next(iter(all_of(name)), ""),
            "headers": all_of,
            "params": parameter,
        },
    )
    return {"request": request, "params": dict(parameters)}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Failure(f"a text is wanted here, not {shown(value)}")
    return value
