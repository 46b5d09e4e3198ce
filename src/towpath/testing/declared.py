"""What a step says of itself: its name, its configuration and output, its entry point, its page."""

from __future__ import annotations

import copy
import inspect
import re
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from towpath.promotion.step import NoSettings
from towpath.promotion.step_registry import GROUP, InvalidConfig, Registered
from towpath.resources.fields import Struct
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from towpath.promotion.step import Step
    from towpath.resources.schema import Schema

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_UNKNOWN: Final = "noSuchField"

Place = tuple[str | int, ...]


def declaration(step: Step[Any]) -> Iterator[str]:
    """Yield what is wrong with what a step declares."""
    kind = type(step)
    name = getattr(step, "name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield f"name: {name!r} is not made of small letters, digits and dashes"
    if not (kind.__doc__ or "").strip():
        yield "the class has no docstring, which says what the step does"
    if not inspect.iscoroutinefunction(getattr(kind, "run", None)):
        yield "run: it must be an `async def`"
    for field in ("config", "output"):
        type_ = getattr(step, field, None)
        if not (isinstance(type_, type) and issubclass(type_, Struct)):
            yield f"{field}: it must be a subclass of towpath.resources.fields.Struct"
            continue
        try:
            schema_of(type_)
        except Exception as error:  # noqa: BLE001 - whatever it is, its author is to be told
            yield f"{field}: no schema can be made of {type_.__name__}: {type(error).__name__}: {error}"
    yield from _settings(step)
    for field in ("free_form", "task_output", "convergent"):
        if not isinstance(getattr(step, field, None), bool):
            yield f"{field}: it must be True or False; derive the class from BaseStep"
    threshold = getattr(step, "error_threshold", None)
    if not isinstance(threshold, int) or threshold < 1:
        yield f"error_threshold: {threshold!r} is not a number from 1 on"
    timeout = getattr(step, "timeout_seconds", 0)
    if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
        yield f"timeout_seconds: {timeout!r} is neither None nor a number of seconds"


def _settings(step: Step[Any]) -> Iterator[str]:
    """Yield what is wrong with the type of what an operator may say for a step."""
    type_ = getattr(step, "settings", NoSettings)
    if not (isinstance(type_, type) and issubclass(type_, Struct)):
        yield "settings: it must be a subclass of towpath.resources.fields.Struct"
        return
    try:
        type_()
    except TypeError as error:
        yield f"settings: a server starts without any being given, so every field needs a default: {error}"


def entry_point(step: Step[Any]) -> Iterator[str]:
    """Yield why the step is not found by its entry point."""
    yield from not_installed(GROUP, step.name, type(step))


def not_installed(group: str, name: str, class_: type[Any]) -> Iterator[str]:
    """Yield why a class is not found by an entry point."""
    found = [each for each in entry_points(group=group) if each.name == name]
    if not found:
        yield (
            f'no entry point "{name}" of the group "{group}" is installed: add it to pyproject.toml and install the '
            "package again"
        )
    for each in found:
        try:
            loaded = each.load()
        except Exception as error:  # noqa: BLE001 - whatever it is, its author is to be told
            yield f"the entry point {each.value} cannot be loaded: {type(error).__name__}: {error}"
            continue
        if loaded is not class_:
            yield f"the entry point {each.value} is not {class_.__module__}:{class_.__name__}"


def documentation(step: Step[Any], page: Path | None) -> Iterator[str]:
    """Yield what is not told of the configuration: by the fields themselves, and on the page, where there is to be one."""
    fields = {} if step.free_form else dict(fields_of(schema_of(step.config), ""))
    yield from undescribed(fields)
    if page is not None:
        yield from untold(step.name, f"- uses: {step.name}", fields, page)


def undescribed(fields: Mapping[str, Schema]) -> Iterator[str]:
    """Yield the fields of a configuration that say nothing of themselves."""
    for path, schema in fields.items():
        if not schema.description.strip():
            yield f"config.{path}: the field has no description; annotate it with Field(...)"


def untold(name: str, example: str, fields: Mapping[str, Schema], page: Path) -> Iterator[str]:
    """Yield what a page does not tell: its heading, an example that has a text in it, each field."""
    try:
        text = page.read_text("utf-8")
    except OSError as error:
        yield f"the page {page} cannot be read: {error.strerror}"
        return
    if f"# `{name}`" not in text.split("\n"):
        yield f"the page {page.name} has no heading # `{name}`"
    if example not in text:
        yield f"the page {page.name} has no example with `{example}`"
    spans = re.findall(r"`([^`\n]+)`", text)
    told = {part for span in spans for part in re.findall(r"\w+", span)}
    for path in fields:
        if path.rpartition(".")[2].removesuffix("[]") not in told:
            yield f"the page {page.name} does not tell of {path}"


def configurations(step: Step[Any], configs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield examples that are refused, and configurations that ought to be refused with the field's name and are not."""
    registered = Registered(step)
    for number, config in enumerate(configs):
        given = dict(config)
        yield from (f"example {number}: {problem}" for problem in registered.problems(given))
        if step.free_form:
            continue
        for place, schema in _objects(schema_of(step.config), given, ()):
            for field in schema.required:
                yield from _refused(registered, given, place, field, is_there=False)
            if not schema.preserve_unknown and schema.values is None:
                yield from _refused(registered, given, place, _UNKNOWN, is_there=True)


def _refused(
    registered: Registered, config: dict[str, Any], place: Place, field: str, *, is_there: bool
) -> Iterator[str]:
    """Yield why a field that is missing, or that there is none of, is not told of."""
    wrong = copy.deepcopy(config)
    inner: Any = wrong
    for step in place:
        inner = inner[step]
    if is_there:
        inner[field] = True
    else:
        inner.pop(field, None)
    what = f"{'with the unknown field' if is_there else 'without the required field'} {_path((*place, field))}"
    try:
        registered.read(wrong)
    except InvalidConfig as error:
        if field not in str(error):
            yield f"a configuration {what} is refused by a text that does not name it: {error}"
    else:
        yield f"a configuration {what} is taken"


def fields_of(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Yield the fields of a schema and of what lies in it, by their paths."""
    for name, inner in schema.properties.items():
        own = f"{path}.{name}" if path else name
        yield own, inner
        yield from fields_of(inner, own)
        if inner.items is not None:
            yield from fields_of(inner.items, f"{own}[]")


def _objects(schema: Schema, value: Any, place: Place) -> Iterator[tuple[Place, Schema]]:
    """Yield each object of a configuration that has fields of its own, and its schema."""
    if isinstance(value, dict) and schema.properties:
        given = tuple(name for name in schema.required if name in value)
        if place == () or given:
            yield place, schema
        for name, inner in schema.properties.items():
            yield from _objects(inner, value.get(name), (*place, name))
    elif isinstance(value, list) and schema.items is not None and value:
        yield from _objects(schema.items, value[0], (*place, 0))


def _path(place: Place) -> str:
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place)[1:]
