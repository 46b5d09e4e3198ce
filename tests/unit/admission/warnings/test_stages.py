"""Stages, tasks, Warehouses and policies: what can be known to come to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.admission.warnings import MOST, Warnings, bounded
from towpath.admission.warnings.known import KnownObjects
from towpath.admission.warnings.policies import of_policies
from towpath.admission.warnings.repositories import of_steps as urls_of_steps
from towpath.admission.warnings.repositories import of_warehouses
from towpath.admission.warnings.stages import References, named, of_references, of_stage
from towpath.admission.warnings.steps import of_expression, of_steps
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.steps.fail import Fail
from towpath.resources.project_config import PromotionPolicy
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.rules.written_steps import Allowance

KINDS = StepRegistry([Fail()]).kinds
Document = dict[str, Any]


def _stage(name: str = "prod", *steps: Document, **spec: Any) -> Document:
    request = {"origin": {"kind": "Warehouse", "name": "web"}, "sources": {"direct": True}}
    return {
        "metadata": {"name": name, "namespace": "shop", "labels": {"tier": name}},
        "spec": {
            "requestedFreight": [request],
            "promotionTemplate": {"spec": {"steps": list(steps)}},
            **spec,
        },
    }


def _from(*stages: str, direct: bool = False) -> list[Document]:
    origin = {"kind": "Warehouse", "name": "web"}
    return [{"origin": origin, "sources": {"direct": direct, "stages": list(stages)}}]


def test_who_says_what_runs_in_a_stage_that_only_lets_freight_pass_is_told() -> None:
    """By each thing that is said; a Stage that has steps is told nothing of it."""
    annotations = {
        "towpath.dev/smoke": "url: https://a.example",
        "towpath.dev/soak": "healthy",
        "towpath.dev/health-deadline": "5m",
    }
    flow = _stage(verification={"analysisTemplates": [{"name": "web"}]})
    runs = _stage("a", {"uses": "fail"}, verification={"analysisTemplates": [{"name": "web"}]})
    flow["metadata"]["annotations"] = runs["metadata"]["annotations"] = annotations
    said = [each for part in of_stage(flow, KINDS) for each in part]
    assert [each.partition(":")[0] for each in said] == [
        "spec.verification",
        *(f"metadata.annotations[{name}]" for name in annotations),
    ]
    assert all("only lets Freight pass" in each for each in said)
    assert not [each for part in of_stage(runs, KINDS) for each in part]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (_stage(), ""),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ vars.x }}"}}, vars=[{"name": "x", "value": "1"}]), ""),
        (_stage("a", {"uses": "fail", "vars": [{"name": "x"}], "config": {"message": "${{ vars.x }}"}}), ""),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ vars.x }}"}}), "steps[0].config.message: an expression reads vars.x, and there is no such variable: it is nil; there is none"),
        (_stage("a", {"uses": "fail", "if": "${{ vars.imaeg == 1 }}"}, vars=[{"name": "image", "value": "1"}]), 'steps[0].if: an expression reads vars.imaeg, and there is no such variable: it is nil; did you mean "image"'),
        (_stage(vars=[{"name": "x", "value": "${{ vars.y }}"}, {"name": "y", "value": "1"}]), "spec.vars[0].value: an expression reads vars.y"),
        (_stage(vars=[{"name": "y", "value": "1"}, {"name": "x", "value": "${{ vars.y }}"}]), ""),
        (_stage(vars=[{"name": "a", "value": "1"}, {"name": "x", "value": "${{ vars.y }}"}, {"name": "y", "value": "1"}]), "spec.vars[1].value: an expression reads vars.y"),
        (_stage(vars=[{"name": "y", "value": "${{ outputs.clone.commit }}"}]), "spec.vars[0].value: an expression reads outputs.clone"),
        (_stage("a", {"uses": "fail", "as": "one"}, {"uses": "fail", "config": {"message": "${{ outputs.one.x }}"}}), ""),
        (_stage("a", {"uses": "fail"}, {"uses": "fail", "config": {"message": "${{ outputs['step-1'].x }}"}}), ""),
        (_stage("a", {"uses": "fail", "as": "one", "config": {"message": "${{ outputs.one?.x }}"}}), ""),
        (_stage("a", {"task": {"name": "t"}, "as": "t"}, {"uses": "fail", "config": {"message": "${{ outputs['t::one'].x + outputs.t.x }}"}}), ""),
        (_stage("a", {"uses": "fail", "as": "clone"}, {"uses": "fail", "config": {"message": "${{ outputs.clnoe.x }}"}}), 'steps[1].config.message: an expression reads outputs.clnoe, and no step before it is "clnoe": it is nil; did you mean "clone"'),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ outputs.b.x }}"}}, {"uses": "fail", "as": "b"}), "outputs.b, and that step has not run by then"),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ let outputs = {a: 1}; outputs.a }}"}}), ""),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ vars.x }}"}}, vars=[{"name": "x", "value": "1.10"}]), "steps[0].config.message: vars.x is '1.10', which becomes the number 1.1 here; ${{ quote(vars.x) }} keeps it a text"),
        (_stage("a", {"uses": "fail", "vars": [{"name": "x", "value": "0123"}], "config": {"message": "${{ vars['x'] }}"}}), "vars.x is '0123', which becomes the number 123 here"),
        (_stage(vars=[{"name": "x", "value": "1e3"}, {"name": "y", "value": "${{ vars.x }}"}]), "spec.vars[1].value: vars.x is '1e3'"),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ quote(vars.x) }} v${{ vars.x }}"}}, vars=[{"name": "x", "value": "1.10"}]), ""),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ vars.x }}"}}, vars=[{"name": "x", "value": "true"}]), ""),
        (_stage("a", {"uses": "fail", "vars": [{"name": "x", "value": "${{ vars.x }}"}], "config": {"message": "${{ vars.x }}"}}, vars=[{"name": "x", "value": "v1.10"}]), ""),
        (_stage("a", {"uses": "fial"}), "steps[0].uses: there is no step 'fial' here; did you mean fail?"),
        (_stage("a", {"uses": "fail", "config": {"a": 1}}), "steps[0].config: invalid fail config: a: Additional"),
        (_stage("a", {"uses": "fail", "if": "no"}), "steps[0].if: "),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ var.x }}"}}), 'names "var", which nothing here has: it is nil; did you mean "vars"'),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ imageFrm('a').Tag }}"}}), 'did you mean "imageFrom"'),
        (_stage("a", {"uses": "fail", "config": {"message": "${{ let a = 1; a }}"}}), ""),
        (_stage("a", {"task": {"name": "t"}, "vars": [{"name": "x", "value": "${{ ) }}"}]}), "steps[0].vars[0].value: "),
        (_stage(vars=[{"name": "x", "value": "${{ 1 + }}"}]), "spec.vars[0].value: "),
        (_stage("a", {"uses": "fail"}, verification={}), "spec.verification: it names no analysisTemplates"),
        (_stage(verification={"analysisTemplates": [{"name": "a"}], "args": [{"name": "a", "value": "${{ ( }}"}]}), "spec.verification.args[0].value: "),
        (_stage(requestedFreight=_from()), "neither direct nor from other Stages"),
        (_stage(requestedFreight=_from("a", direct=True)), "sources.stages: with direct: true they count for nothing"),
    ],
)  # fmt: skip
def test_a_stage_by_itself(document: Document, said: str) -> None:
    """Steps, expressions, sources, verification."""
    found = [said for part in of_stage(document, KINDS) for said in part]
    assert bool(found) == bool(said), found
    assert said in "".join(found)


def _known(there: dict[str, Document], *wanted: str) -> KnownObjects:
    return KnownObjects(
        {name: there[name] for name in wanted if name in there}, frozenset(wanted), sorted(there)
    )


def _task(**variables: str) -> Document:
    given = [
        {"name": name, **({"value": value} if value else {})} for name, value in variables.items()
    ]
    return {"spec": {"vars": given, "steps": [{"uses": "fail"}]}}


def _references(document: Document, **kinds: dict[str, Document]) -> list[str]:
    wanted = named(document)
    found = {kind: _known(there, *wanted.get(kind, ())) for kind, there in kinds.items()}
    there = References(found.get("Warehouse"), found.get("Stage"), found, found)
    return [said for part in of_references(document, there) for said in part]


@pytest.mark.parametrize(
    ("document", "kinds", "said"),
    [
        (_stage(), {"Warehouse": {"web": {}}}, ""),
        (_stage(), {"Warehouse": {"webb": {}}}, 'requestedFreight[0].origin.name: Warehouse "web" does not exist; did you mean "webb"?'),
        (_stage(), {"Warehouse": {}}, "there is none"),
        (_stage(), {}, ""),
        (_stage(requestedFreight=_from("test")), {"Stage": {"test": _stage("test")}}, ""),
        (_stage(requestedFreight=_from("tset")), {"Stage": {"test": _stage("test")}}, 'sources.stages[0]: Stage "tset" does not exist; did you mean "test"?'),
        (_stage(requestedFreight=_from("prod")), {"Stage": {}}, ""),
        (_stage(requestedFreight=_from("tset", direct=True)), {"Stage": {}}, ""),
        (
            _stage(requestedFreight=_from("test")),
            {"Stage": {"test": _stage("test", requestedFreight=[{"origin": {"name": "other"}}])}},
            'Stage "test" requests no Freight of Warehouse "web"',
        ),
        (_stage("a", {"uses": "fail"}, {"task": {"name": "t"}}), {"PromotionTask": {"t": _task()}}, ""),
        (_stage("a", {"uses": "fail"}, {"task": {"name": "t"}}), {"PromotionTask": {"tt": _task()}}, 'steps[1].task.name: Not found: "t"'),
        (_stage("a", {"task": {"name": "t"}}), {"PromotionTask": {"tt": _task()}}, 'did you mean "tt"?'),
        (_stage("a", {"task": {"name": "t", "kind": "ClusterPromotionTask"}}), {"PromotionTask": {"t": _task()}, "ClusterPromotionTask": {}}, "there is no ClusterPromotionTask"),
        (_stage("a", {"uses": "fail"}, {"task": {"name": "t"}}), {"PromotionTask": {"t": _task(x="")}}, 'steps[1].vars: Required value: missing value for variable "x"'),
        (_stage("a", {"task": {"name": "t"}}, vars=[{"name": "x", "value": "1"}]), {"PromotionTask": {"t": _task(x="")}}, ""),
        (_stage(verification={"analysisTemplates": [{"name": "a"}]}), {"AnalysisTemplate": {}}, 'AnalysisTemplate "a" does not exist'),
    ],
)  # fmt: skip
def test_what_a_stage_names(document: Document, kinds: dict[str, Any], said: str) -> None:
    """What may not be looked for is not judged."""
    found = _references(document, **kinds)
    assert bool(found) == bool(said), found
    assert said in "".join(found)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"stage": "test"}, ""),
        ({"stage": "tset"}, 'promotionPolicies[0].stage: "tset" matches no Stage of the Project; did you mean "test"?'),
        ({"stageSelector": {"name": "tset"}}, "stageSelector.name: "),
        ({"stageSelector": {"name": "glob:t*"}}, ""),
        ({"stageSelector": {"name": "glob:x*"}}, "stageSelector: it matches no Stage"),
        ({"stageSelector": {"matchLabels": {"tier": "test"}}}, ""),
        ({"stageSelector": {"matchLabels": {"tier": "none"}}}, "it matches no Stage of the Project; there are"),
        ({"stageSelector": {"name": "test", "matchLabels": {"tier": "prod"}}}, "it matches no Stage"),
    ],
)  # fmt: skip
def test_policies_that_match_nothing(policy: Document, said: str) -> None:
    """By name, by pattern, by labels."""
    stages = [view(Stage, _stage(name)) for name in ("test", "prod")]
    found = [said for part in of_policies([view(PromotionPolicy, policy)], stages) for said in part]
    assert bool(found) == bool(said), found
    assert said in "".join(found)


def test_where_there_is_no_stage_that_is_said() -> None:
    """As when the policies are written first."""
    [[said]] = of_policies([view(PromotionPolicy, {"stage": "test"})], [])
    assert said.endswith("the Project has none yet")


def test_expressions_that_are_a_text_as_a_whole() -> None:
    """Filters of commits, criteria of Freight, conditions of webhooks."""
    assert of_expression("p", "subject contains 'x'") == []
    assert of_expression("p", "") == of_expression("p", None) == []
    [said] = of_expression("p", "subject contains")
    assert said.startswith("p: ")


def test_urls_of_a_project() -> None:
    """By the type of credential; one that an expression makes leaves steps unknown."""
    subscriptions = [
        {"git": {"repoURL": "g"}}, {"image": {"repoURL": "i"}}, {"chart": {"repoURL": "c"}}, {"other": {}},
    ]  # fmt: skip
    warehouse = {"spec": {"subscriptions": subscriptions}}
    assert of_warehouses([warehouse]) == {"git": ["g"], "image": ["i"], "helm": ["c"]}
    step = {"uses": "git-clone", "config": {"repoURL": "a"}}
    task = {"spec": {"steps": [step, {"uses": "fail"}]}}
    assert urls_of_steps([_stage("a", step), task]) == ["a", "a"]
    assert urls_of_steps([_stage("a", {"config": {"repoURL": "${{ vars.r }}"}})]) is None
    assert urls_of_steps([_stage("a", {"config": "${{ vars.r }}"})]) is None


def test_steps_of_tasks_are_their_own() -> None:
    """A step that runs a task has no kind of its own that could be missing."""
    assert list(of_steps("p", [{"task": {"name": "x"}}], KINDS, Allowance())) == [[]]


def test_warnings_are_bounded() -> None:
    """Each is a header line, and clients take so many."""
    said = bounded([f"{number}" + "x" * 5000 for number in range(MOST + 5)])
    assert len(said) == MOST + 1
    assert said[-1] == "and 5 more warnings"
    assert max(map(len, said)) <= 700
    assert Warnings(("a",), ("b",)).all == ("a", "b")


def test_a_task_knows_its_own_steps_and_not_whose_outputs_and_variables_it_will_see() -> None:
    """So only `task.outputs` is looked at."""
    text = "${{ task.outputs.one.x + outputs.clone.x + vars.x }}"
    fine: list[Document] = [
        {"uses": "fail", "as": "one"},
        {"uses": "fail", "config": {"message": text}},
    ]

    def said(steps: list[Document]) -> list[str]:
        found = of_steps("spec.steps", steps, KINDS, Allowance(with_names=True))
        return [each for part in found for each in part]

    assert said(fine) == []
    [one] = said(fine[1:])
    assert one == (
        "spec.steps[0].config.message: an expression reads task.outputs.one, and no step before it is "
        '"one": it is nil; no step comes before it'
    )
