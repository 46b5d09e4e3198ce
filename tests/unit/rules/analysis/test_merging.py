"""Several templates, those they name, and arguments become what one run measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.analysis import metric, template_spec
from towpath.errors import Invalid
from towpath.rules.analysis import merging
from towpath.rules.analysis.merging import TemplateKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.analysis_template import AnalysisTemplateSpec

A, B, C = (TemplateKey(False, name) for name in "abc")
WIDE = TemplateKey(True, "wide")


def _named(*keys: TemplateKey) -> list[dict[str, Any]]:
    return [{"templateName": key.name, "clusterScope": key.is_cluster_scoped} for key in keys]


def _refused(
    known: Mapping[TemplateKey, AnalysisTemplateSpec | None], *roots: TemplateKey, **given: str
) -> str:
    with pytest.raises(Invalid) as error:
        merging.merged(roots, known, given)
    return error.value.message


def test_templates_of_the_project_come_first() -> None:
    """Each followed by those it names, each once."""
    known = {
        WIDE: template_spec(metric("wide"), templates=_named(C)),
        A: template_spec(metric("a"), templates=_named(C, WIDE), dryRun=[{"metricName": "a"}]),
        B: template_spec(metric("b"), measurementRetention=[{"metricName": "b", "limit": 2}]),
        C: template_spec(metric("c")),
    }
    spec = merging.merged([WIDE, A, B, A], known, {})
    assert [each.name for each in spec.metrics] == ["a", "c", "wide", "b"]
    assert [each.metric_name for each in spec.dry_run] == ["a"]
    assert [each.limit for each in spec.measurement_retention] == [2]


def test_what_is_still_to_be_looked_up_is_said_level_by_level() -> None:
    """Until all is known."""
    known: dict[TemplateKey, AnalysisTemplateSpec | None] = {}
    assert merging.wanted([A, WIDE], known) == [A, WIDE]
    known |= {A: template_spec(metric("a"), templates=_named(B)), WIDE: None}
    assert merging.wanted([A, WIDE], known) == [B]
    known[B] = template_spec(templates=_named(A))
    assert merging.wanted([A, WIDE], known) == []


def test_templates_that_cannot_be_put_together() -> None:
    """Each fault names the template."""
    assert _refused({A: None}, A) == 'AnalysisTemplate "a" does not exist'
    assert _refused({A: template_spec(templates=_named(WIDE)), WIDE: None}, A) == (
        'ClusterAnalysisTemplate "wide", which AnalysisTemplate "a" names, does not exist'
    )
    circle = {A: template_spec(templates=_named(B)), B: template_spec(templates=_named(A))}
    assert _refused(circle, A) == (
        'templates name one another in a circle: AnalysisTemplate "a" -> AnalysisTemplate "b"'
        ' -> AnalysisTemplate "a"'
    )
    twice = {A: template_spec(metric("m")), B: template_spec(metric("m"))}
    assert _refused(twice, A, B) == "two metrics have the same name 'm'"
    rules = template_spec(metric("m"), dryRun=[{"metricName": "m"}])
    assert _refused({A: rules, B: template_spec(dryRun=[{"metricName": "m"}])}, A, B) == (
        "two dryRun rules have the same metric name 'm'"
    )


def test_too_many_templates_are_refused_without_looking_them_all_up() -> None:
    """A chain of them ends."""
    keys = [TemplateKey(False, f"t{index}") for index in range(merging.MOST_TEMPLATES + 50)]
    known: dict[TemplateKey, AnalysisTemplateSpec | None] = {
        key: template_spec(templates=_named(after))
        for key, after in zip(keys, [*keys[1:], A], strict=True)
    }
    assert merging.wanted(keys[:1], known) == []
    assert "more than 100 templates together" in _refused(known, keys[0])
    metrics = [metric(f"m{index}") for index in range(merging.MOST_METRICS + 1)]
    assert "201 metrics; at most 200" in _refused({A: template_spec(*metrics)}, A)


def _args(*args: dict[str, Any]) -> AnalysisTemplateSpec:
    return template_spec(args=list(args))


def test_arguments_are_joined_by_name() -> None:
    """The first value wins, another one is a conflict."""
    known = {A: _args({"name": "x"}, {"name": "y", "value": "1"}), B: _args({"name": "y"})}
    spec = merging.merged([A, B], known, {"x": "given"})
    assert [(each.name, each.value) for each in spec.args] == [("x", "given"), ("y", "1")]
    later = {A: _args({"name": "x"}), B: _args({"name": "x", "value": "2"})}
    assert merging.merged([A, B], later, {}).args[0].value == "2"
    clash = {A: _args({"name": "x", "value": "1"}), B: _args({"name": "x", "value": "2"})}
    assert _refused(clash, A, B).startswith(
        "Argument `x` specified multiple times with different values: '1', '2'"
    )


def test_a_secret_that_another_template_declares_without_a_value_stays() -> None:
    """A bare declaration takes nothing away."""
    secret = {"name": "x", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    for specs in ((secret, {"name": "x"}), ({"name": "x"}, secret)):
        spec = merging.merged([A, B], {A: _args(specs[0]), B: _args(specs[1])}, {})
        assert spec.args[0].value_from is not None


def test_what_is_given_wins_over_a_secret() -> None:
    """Nothing of the Secret is left."""
    secret = {"name": "x", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    spec = merging.merged([A], {A: _args(secret)}, {"x": "given"})
    assert (spec.args[0].value, spec.args[0].value_from) == ("given", None)


def test_arguments_that_cannot_be_had_are_named() -> None:
    """What nobody declares, what has no value, and what only a Rollout has."""
    known = {A: _args({"name": "x"}, {"name": "y", "value": "1"})}
    assert _refused(known, A, z="1", x="2") == "no template declares args.z; declared are x, y"
    assert _refused({A: _args()}, A, z="1") == "no template declares args.z; declared is none"
    assert _refused(known, A) == "args.x was not resolved: it has no value; give one"
    assert _refused(known, A, x="") == "args.x was not resolved: it has no value; give one"
    field = {"name": "f", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    assert "args.f: valueFrom.fieldRef names a field of a Rollout" in _refused({A: _args(field)}, A)
    assert merging.merged([A], {A: _args(field)}, {"f": "1"}).args[0].value == "1"
