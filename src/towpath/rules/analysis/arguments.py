"""Arguments of a run: which there are, where their values come from, and how they are put into a metric.

`{{args.NAME}}` is replaced by the text of the value, wherever in a metric it stands, keys included; what was put in is not
looked through again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Invalid
from towpath.messages import cut
from towpath.resources.analysis_template import Metric
from towpath.resources.structs import to_document, view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.resources.analysis_template import Argument, SecretKeyReference

PLACEHOLDER: Final = "temp-for-secret"
"""Stands for a value from a Secret where rules read a metric."""
_OPEN: Final = "{{"
_CLOSE: Final = "}}"
MOST_PUT_IN: Final = 128 << 10
"""Characters that arguments may add to one metric."""
_MOST_SHOWN: Final = 200


def secrets_wanted(args: Sequence[Argument]) -> dict[str, SecretKeyReference]:
    """Return, by names of arguments, the keys of Secrets that their values come from."""
    return {
        arg.name: arg.value_from.secret_key_ref
        for arg in args
        if arg.value_from is not None and arg.value_from.secret_key_ref is not None
    }


def values(args: Sequence[Argument], secrets: Mapping[str, str]) -> dict[str, str | None]:
    """Return the values of arguments by name; None for one that has none. `secrets`: those from Secrets, by name.

    A value from a Secret goes before one that is written, as in Argo Rollouts.
    """
    return {arg.name: secrets.get(arg.name, arg.value) for arg in args}


def placeholders(args: Sequence[Argument]) -> dict[str, str | None]:
    """Return the values of arguments by name, with a placeholder for those from Secrets."""
    return values(args, dict.fromkeys(secrets_wanted(args), PLACEHOLDER))


def resolved(metric: Metric, values: Mapping[str, str | None]) -> Metric:
    """Return a metric with the arguments put in.

    Raises Invalid for an argument without a value, whether or not the metric refers to it, for what stands in
    braces and is no argument, and for more than arguments may add to a metric.
    """
    for name, value in values.items():
        if value is None:
            raise Invalid(f'argument "{name}" was not supplied')
    document = to_document(metric)
    if _OPEN not in repr(document):
        return metric
    texts = {f"args.{name}": value or "" for name, value in values.items()}
    return view(Metric, _put_in(document, texts, _Room()))


def referred(metric: Metric) -> list[str]:
    """Return what stands in double braces in a metric, in order, each once: `args.x`."""
    text = repr(to_document(metric))
    found = (text[begin + 2 : end].strip() for begin, end in _tags(text) if end >= 0)
    return list(dict.fromkeys(found))


def _put_in(part: Any, texts: Mapping[str, str], room: _Room) -> Any:
    match part:
        case str():
            return _text(part, texts, room) if _OPEN in part else part
        case dict():
            return {
                _put_in(key, texts, room): _put_in(value, texts, room)
                for key, value in part.items()
            }
        case list():
            return [_put_in(each, texts, room) for each in part]
        case _:
            return part


class _Room:
    """How much arguments may still add to a metric: a value of many characters may be put in at many places."""

    def __init__(self) -> None:
        self._left = MOST_PUT_IN

    def spend(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise Invalid(
                f"arguments put more than {MOST_PUT_IN:,} characters into one metric: refer to them less often, or make "
                "them shorter"
            )


def _text(text: str, texts: Mapping[str, str], room: _Room) -> str:
    parts, at = [], 0
    for begin, end in _tags(text):
        if end < 0:
            raise Invalid(f"failed to resolve {_shown(text[begin:])}: it has no closing braces")
        found = texts.get(text[begin + 2 : end].strip())
        if found is None:
            raise Invalid(f"failed to resolve {_shown(text[begin : end + 2])}")
        room.spend(len(found))
        parts += [text[at:begin], found]
        at = end + 2
    return "".join((*parts, text[at:]))


def _tags(text: str) -> Iterator[tuple[int, int]]:
    """Yield where double braces open and close in a text, from left to right; -1 for those that do not close."""
    begin = text.find(_OPEN)
    while begin >= 0:
        end = text.find(_CLOSE, begin + 2)
        yield begin, end
        if end < 0:
            return
        begin = text.find(_OPEN, end + 2)


def _shown(text: str) -> str:
    return cut(text, _MOST_SHOWN)
