"""What is refused on write because nobody could read it later: durations, moments, phases, counts, patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.documents import full
from towpath.resources.schema import Schema
from towpath.resources.scheme import SCHEME
from towpath.resources.structs import schema_of
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind

STEP = "spec.steps[0]"
TEMPLATE_STEP = "spec.promotionTemplate.spec.steps[0]"
VERIFIED = "status.freightHistory[0].verificationHistory[0]"

TIME_LIMITS = [
    ("Stage", f"{TEMPLATE_STEP}.retry.timeout"),
    ("Promotion", f"{STEP}.retry.timeout"),
    ("PromotionTask", f"{STEP}.retry.timeout"),
    ("ClusterPromotionTask", f"{STEP}.retry.timeout"),
]
PLAIN_DURATIONS = [
    ("Stage", "spec.requestedFreight[0].sources.requiredSoakTime"),
    ("Warehouse", "spec.interval"),
]
MEASURED = [
    (kind, f"spec.metrics[0].{field}")
    for kind in ("AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun")
    for field in (
        "interval",
        "initialDelay",
        "provider.datadog.interval",
        "provider.cloudWatch.interval",
        "provider.skywalking.interval",
        "provider.prometheus.rangeQuery.step",
    )
]
COUNTS = [
    ("Stage", f"{TEMPLATE_STEP}.retry.errorThreshold"),
    ("Promotion", f"{STEP}.retry.errorThreshold"),
    ("PromotionTask", f"{STEP}.retry.errorThreshold"),
    ("Promotion", "status.stepExecutionMetadata[0].errorCount"),
    ("Stage", "status.lastPromotion.status.stepExecutionMetadata[0].errorCount"),
]
PHASES = [
    ("Promotion", "status.phase"),
    ("Promotion", "status.stepExecutionMetadata[0].status"),
    ("Stage", "status.health.status"),
    ("Stage", "status.lastPromotion.status.phase"),
    ("Stage", f"{VERIFIED}.phase"),
    ("Stage", f"{VERIFIED}.analysisRun.phase"),
    ("Stage", "status.currentPromotionRequest.phase"),
    ("PromotionRequest", "status.phase"),
    ("PromotionRequest", "status.targets[0].phase"),
    ("AnalysisRun", "status.phase"),
    ("AnalysisRun", "status.metricResults[0].phase"),
    ("AnalysisRun", "status.metricResults[0].measurements[0].phase"),
]
PATTERNS = [
    ("AnalysisTemplate", "spec.dryRun[0].metricName"),
    ("AnalysisRun", "spec.measurementRetention[0].metricName"),
]
NAMES = [
    ("ProjectConfig", "spec.promotionPolicies[0].stageSelector.name"),
    ("ProjectConfig", "spec.promotionWindows[0].stageSelector.name"),
    ("ClusterConfig", "spec.promotionWindows[0].projectSelector.name"),
    ("Project", "spec.promotionPolicies[0].stageSelector.name"),
]


def _kind(name: str) -> Kind:
    [found] = [kind for kind in SCHEME if kind.name == name]
    return found


def _wrong(kind: str, path: str, value: Any) -> list[str]:
    """Return what is said of a field that has this value, in a document that has every field."""
    schema = schema_of(_kind(kind).type)
    document = full(schema)
    here: Any = document
    *way, last = path.replace("[0]", ".0").split(".")
    for part in way:
        here = here[int(part)] if isinstance(here, list) else here[part]
    here[last] = value
    found = errors_of(schema, with_defaults(schema, document))
    return [str(error) for error in found if error.path == path]


def _cases(fields: list[tuple[str, str]], values: list[Any]) -> list[tuple[str, str, Any]]:
    return [(kind, path, value) for kind, path in fields for value in values]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        *_cases(TIME_LIMITS, ["banana", "1d", "", "5", "99999999999h", "-1m", "1h 2m"]),
        *_cases(PLAIN_DURATIONS, ["banana", "1d", "", "500ms", "-1m", "99999999999h", "87600000h"]),
        *_cases(MEASURED, ["banana", "2d", "90", "-1m", "99999999999h"]),
        ("Freight", "status.verifiedIn.some.key.longestSoak", "1d"),
        *_cases(COUNTS, [-1, -1.0, 2**31, 2.5, "3"]),
        *_cases(PHASES, ["Bogus", "running", "Succeeded\n"]),
        *_cases(PATTERNS, ["(", "a{2000}", "(?=x)"]),
        *_cases(NAMES, ["regex:(", "glob:{a", "regx:a"]),
        ("Freight", "discoveredAt", "2026-01-02T03:04:05z"),
        ("Freight", "discoveredAt", "2026-01-02T03:04:60Z"),
        ("Stage", "status.lastPromotion.finishedAt", "2026-01-02t03:04:05Z"),
        ("Project", "status.conditions[0].lastTransitionTime", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_what_could_not_be_read_later_is_refused(kind: str, path: str, value: Any) -> None:
    """In spec and in status; the error names the field and shows the value."""
    if kind == "Freight" and "some.key" in path:
        schema = schema_of(_kind(kind).type)
        document = full(schema)
        document["status"]["verifiedIn"]["some.key"]["longestSoak"] = value
        found = [str(each) for each in errors_of(schema, document) if each.path == path]
    else:
        found = _wrong(kind, path, value)
    assert len(found) == 1
    if isinstance(value, str) and value != "3":
        assert value[:5].strip() in found[0]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        *_cases(TIME_LIMITS, ["5m", "1.5h", "500ms", ".5s", "0", "0s", "2562047h47m16s", "1us"]),
        *_cases(PLAIN_DURATIONS, ["5m0s", "1.5h", "0s", "2562047h47m16s"]),
        *_cases(MEASURED, ["", "30s", "500ms", "0s", "{{args.interval}}", "{{args.n}}m"]),
        *_cases(COUNTS, [0, 3, 3.0, 1e2, 2**31 - 1]),
        *_cases(PHASES, [""]),
        *_cases(PATTERNS, ["", "^a.*(b|c)$"]),
        *_cases(NAMES, ["", "dev", "regex:^d", "regexp:d", "glob:d*"]),
    ],
)
def test_what_kargo_reads_is_taken(kind: str, path: str, value: Any) -> None:
    """Whatever Go's own decoder reads, and the CRD admits."""
    assert _wrong(kind, path, value) == []


@pytest.mark.parametrize("path", ["count", "failureLimit", "provider.web.timeoutSeconds"])
def test_numbers_that_may_be_texts_fit_into_32_bits(path: str) -> None:
    """As Go's IntOrString; `3.0` is 3."""
    for value in (2**31, -(2**31) - 1, 2.5, True):
        assert len(_wrong("AnalysisTemplate", f"spec.metrics[0].{path}", value)) == 1
    for given in (3, 3.0, "3", "{{args.n}}"):
        assert _wrong("AnalysisTemplate", f"spec.metrics[0].{path}", given) == []


def test_whole_numbers_become_integers_where_the_schema_has_integers() -> None:
    """Also where a number may be a text; elsewhere a number stays as it is written."""
    schema = Schema(
        type="object",
        properties={
            "n": Schema(type="integer"),
            "either": Schema(type=None, int_or_string=True),
            "x": Schema(type="number"),
            "any": Schema(type=None, preserve_unknown=True),
            "all": Schema(type="array", items=Schema(type="integer")),
        },
    )
    given = {"n": 3.0, "either": 4.0, "x": 5.0, "any": {"a": 6.0}, "all": [1e2, 2.5]}
    found = with_defaults(schema, given)
    assert found == given
    types = [type(found[key]) for key in ("n", "either", "x")]
    assert types == [int, int, float]
    assert [type(found["any"]["a"]), *map(type, found["all"])] == [float, int, float]


def test_nulls_go_where_the_schema_has_no_null() -> None:
    """Also of a number that may be a text; a field that takes anything keeps its null."""
    schema = Schema(
        type="object",
        properties={
            "either": Schema(type=None, int_or_string=True),
            "map": Schema(type="object", values=Schema(type="string")),
            "any": Schema(type=None, preserve_unknown=True),
            "may": Schema(type="string", nullable=True),
            "filled": Schema(type="integer", default=7),
        },
    )
    given = {"either": None, "map": {"a": None, "b": "c"}, "any": None, "may": None, "filled": None}
    assert with_defaults(schema, given) == {
        "map": {"b": "c"},
        "any": None,
        "may": None,
        "filled": 7,
    }
