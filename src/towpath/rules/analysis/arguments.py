"""Arguments of a run: which there are, where their values come from, and how they are put into a metric.

`{{args.NAME}}` is replaced by the text of the value, wherever in a metric it stands, keys included; what was put in is not
looked through again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Invalid
from towpath.resources.analysis_template import Metric
from towpath.resources.structs import to_document, view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.analysis_template import Argument, SecretKeyReference

PLACEHOLDER: Final = "temp-for-secret"
"""Stands for a value from a Secret where rules read a metric."""
_OPEN: Final = "{{"
_TAG: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


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

    Raises Invalid for an argument without a value, whether or not the metric refers to it, and for what stands in
    braces and is no argument.
    """
    for name, value in values.items():
        if value is None:
            raise Invalid(f'argument "{name}" was not supplied')
    document = to_document(metric)
    if _OPEN not in repr(document):
        return metric
    texts = {f"args.{name}": value or "" for name, value in values.items()}
    return view(Metric, _put_in(document, texts))


def referred(metric: Metric) -> list[str]:
    """Return what stands in double braces in a metric, in order, each once: `args.x`."""
    return list(dict.fromkeys(each.strip() for each in _TAG.findall(repr(to_document(metric)))))


def _put_in(part: Any, texts: Mapping[str, str]) -> Any:
    match part:
        case str():
            return _text(part, texts) if _OPEN in part else part
        case dict():
            return {_put_in(key, texts): _put_in(value, texts) for key, value in part.items()}
        case list():
            return [_put_in(each, texts) for each in part]
        case _:
            return part


def _text(text: str, texts: Mapping[str, str]) -> str:
    def value(tag: re.Match[str]) -> str:
        found = texts.get(tag[1].strip())
        if found is None:
            raise Invalid(f"failed to resolve {tag[0]}")
        return found

    put_in = _TAG.sub(value, text)
    after = text.rfind("}}")
    if _OPEN in text[after + 2 if after >= 0 else 0 :]:
        raise Invalid(f"failed to resolve {text[text.rfind(_OPEN) :]}: it has no closing braces")
    return put_in
