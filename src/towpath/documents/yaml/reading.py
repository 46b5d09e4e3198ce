"""Reading YAML texts event by event: what libyaml reads, what a stricter reader reads, what a scalar means.

libyaml takes some texts that kubectl and other readers refuse, such as `{a: b?c}`. PyYAML's own parser, written in
Python, refuses those as well. It is slow, so it is asked about small texts only.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from towpath.errors import BadRequest
from towpath.resources import scalars
from towpath.resources.manifests.safe_loader import SAFE_LOADER

MERGE: Final = ("merge", "<<")
"""The identity of the merge key, which may stand in a mapping more than once."""


def events(text: str, source: str) -> list[Any]:
    """Return the events of a text's first document.

    Raises BadRequest naming `source`, line and column of what is no YAML.
    """
    try:
        return _first(yaml.parse(text, Loader=SAFE_LOADER))
    except yaml.YAMLError as error:
        raise BadRequest(f"{source}: {_said(error)}") from error


def strict_events(text: str) -> list[Any] | None:
    """Return the events as the strict reader sees them; None if it refuses the text."""
    try:
        return _first(yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, IndexError):  # it indexes past the end of torn escapes
        return None


def is_whole(text: str) -> bool:
    """Whether libyaml reads a text from its begin to its end. Makes no object of an event, so it is quick."""
    if not yaml.__with_libyaml__:
        return False
    try:
        SAFE_LOADER(text.encode()).raw_parse()
    except yaml.YAMLError:
        return False
    return True


def identity(event: Any) -> tuple[str, str]:
    """Return what tells a mapping's scalar keys apart, and their text: `8080` and `"8080"` are two keys."""
    if event.style or not event.implicit[0]:
        return ("string" if event.tag in (None, "!") else event.tag, event.value)
    if event.value == "<<":
        return MERGE
    try:
        return (type(scalars.resolve(event.value)).__name__, event.value)
    except ValueError:
        return ("float", event.value)


def reads_as(event: Any, value: Any) -> bool:
    """Whether a scalar event means a value, to readers of YAML 1.1."""
    if event.style:
        return isinstance(value, str) and event.value == value
    try:
        found = scalars.resolve(event.value)
    except ValueError:
        return False
    if isinstance(value, bool) or isinstance(found, bool) or not isinstance(value, int | float):
        return type(found) is type(value) and bool(found == value)
    return isinstance(found, int | float) and found == value


def _first(stream: Any) -> list[Any]:
    found = []
    for event in stream:
        if isinstance(event, yaml.DocumentEndEvent):
            break
        found.append(event)
    return found


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if mark is None:
        return f"it is not valid YAML: {problem}"
    return f"line {mark.line + 1}, column {mark.column + 1}: it is not valid YAML: {problem}"
