"""Smoke tests that a Stage's annotation asks for: a few lines of YAML that become metrics of its AnalysisRuns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors, expressions
from towpath.errors import FieldError, Invalid
from towpath.expressions import ExpressionError
from towpath.expressions.registered import IN_VARIABLES
from towpath.resources import manifests
from towpath.resources.analysis_template import Metric
from towpath.resources.annotations import SMOKE
from towpath.resources.schema import OPEN
from towpath.resources.smoke import SmokeTest
from towpath.resources.structs import schema_of, view
from towpath.resources.validation import wording
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown
from towpath.rules.written_steps import expression_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_BYTES: Final = 4 << 10
MOST_TESTS: Final = 10
PATH: Final = f"metadata.annotations[{SMOKE}]"
PLUGIN: Final = "smoke"
"""Under which `provider.plugin` has a smoke test."""
_FORM: Final = (
    "a smoke test is an object such as {url: https://shop.example.com/healthz}, or a list of them"
)
_BOUNDS: Final = manifests.ManifestBounds(values=1000, documents=MOST_TESTS)
_LIBRARY: Final = expressions.library(IN_VARIABLES)


def written(text: str) -> list[dict[str, Any]]:
    """Return the tests of an annotation as they are written, expressions and all.

    Raises Invalid for what is no YAML or no list of objects, and for what is too long or too much.
    """
    if len(text.encode(errors="replace")) > LARGEST_BYTES:
        raise _invalid([wording.too_long(PATH, LARGEST_BYTES)])
    try:
        found = [each.document for each in manifests.read(text, SMOKE, bounds=_BOUNDS)]
    except (errors.BadRequest, errors.TooLarge) as error:
        said = error.message.replace("a manifest is an object with apiVersion and kind", _FORM)
        raise _invalid([FieldError(PATH, "FieldValueInvalid", said)]) from error
    if not found:
        said = f"Required value: {_FORM}"
        raise _invalid([FieldError(PATH, "FieldValueRequired", said)])
    return found


def annotation_errors(text: str) -> list[FieldError]:
    """Return what is wrong with an annotation, whatever its expressions come to."""
    try:
        found = written(text)
    except Invalid as error:
        return list(error.causes)
    return [
        error for number, test in enumerate(found) for error in _wrong(test, number, len(found))
    ]


def tests(evaluated: Sequence[dict[str, Any]]) -> list[SmokeTest]:
    """Return tests whose expressions were evaluated. Raises Invalid for what they came to be wrong."""
    wrong = [
        error
        for number, test in enumerate(evaluated)
        for error in errors_of(schema_of(SmokeTest), test, _place(number, len(evaluated)))
    ]
    if wrong:
        raise _invalid(wrong)
    return [view(SmokeTest, msgspec.json.encode(test)) for test in evaluated]


def metrics(evaluated: Sequence[dict[str, Any]]) -> list[Metric]:
    """Return the metrics that measure by tests whose expressions were evaluated. Raises Invalid."""
    found, taken = [], set[str]()
    for number, (test, document) in enumerate(zip(tests(evaluated), evaluated, strict=True), 1):
        name = test.name or (PLUGIN if number == 1 else f"{PLUGIN}-{number}")
        if name in taken:
            place = f"{_place(number - 1, len(evaluated))}.name"
            raise _invalid([wording.duplicate(place, name)])
        taken.add(name)
        config = {key: value for key, value in document.items() if key != "name"}
        metric = {"name": name, "provider": {"plugin": {PLUGIN: config}}}
        found.append(view(Metric, msgspec.json.encode(metric)))
    return found


def _invalid(causes: list[FieldError]) -> Invalid:
    return Invalid("; ".join(map(str, causes)), causes)


def _place(number: int, count: int) -> str:
    return f"{PATH}[{number}]" if count > 1 else PATH


def _wrong(test: dict[str, Any], number: int, count: int) -> list[FieldError]:
    path, schema, said = _place(number, count), schema_of(SmokeTest), list[FieldError]()
    known, unknown = without_unknown(schema, test)
    for each in unknown:
        text = f'Forbidden: unknown field "{each.path}"{each.meant}'
        said.append(FieldError(wording.below(path, each.path), "FieldValueForbidden", text))
    opened = _opened(known, path, said)
    return [*said, *errors_of(schema, opened, path, is_open=True)]


def _opened(value: Any, path: str, said: list[FieldError]) -> Any:
    """Return a value with `OPEN` where an expression stands; note what is wrong with those."""
    match value:
        case str() if "${" in value:
            try:
                expressions.template(value, _LIBRARY)
            except ExpressionError as error:
                said.append(wording.invalid(path, value, expression_problem(error)))
            return OPEN
        case list():
            return [_opened(item, f"{path}[{place}]", said) for place, item in enumerate(value)]
        case dict():
            return {
                key: _opened(item, wording.below(path, key), said) for key, item in value.items()
            }
        case _:
            return value
