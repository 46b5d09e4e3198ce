"""How far things are: which phases are the end, and which state outweighs which."""

from __future__ import annotations

import itertools

from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.promotion import PromotionPhase, StepStatus, VerificationPhase
from towpath.resources.promotion_request import PromotionRequestPhase
from towpath.resources.stage import (
    HealthState,
    PromotionTemplate,
    PromotionTemplateSpec,
    Stage,
    StageSpec,
    TemplateStep,
)


def test_only_pending_and_running_go_on() -> None:
    """Every other phase of a Promotion, request, verification or AnalysisRun is its end."""
    for phases in (PromotionPhase, PromotionRequestPhase, VerificationPhase, AnalysisPhase):
        going = {phase.value for phase in phases if not phase.is_terminal}
        assert going == {"Pending", "Running"}, phases


def test_the_phases_are_the_fields_own_words() -> None:
    """The words on the wire are Kargo's and Argo Rollouts'."""
    assert [phase.value for phase in PromotionPhase] == [
        "Pending",
        "Running",
        "Succeeded",
        "Failed",
        "Errored",
        "Aborted",
    ]
    assert {phase.value for phase in VerificationPhase if phase.is_terminal} == {
        "Successful",
        "Failed",
        "Error",
        "Aborted",
        "Inconclusive",
    }


def test_step_statuses_are_ordered_by_severity() -> None:
    """Succeeded < Skipped < Running < Aborted < Failed < Errored."""
    ordered = sorted(StepStatus, key=lambda status: status.severity)
    assert [status.value for status in ordered] == [
        "Succeeded",
        "Skipped",
        "Running",
        "Aborted",
        "Failed",
        "Errored",
    ]


def test_the_worse_of_two_health_states() -> None:
    """Healthy < NotApplicable < Progressing < Unknown < Unhealthy, whichever is asked."""
    order = ["Healthy", "NotApplicable", "Progressing", "Unknown", "Unhealthy"]
    for one, other in itertools.product(HealthState, HealthState):
        worse = order[max(order.index(one.value), order.index(other.value))]
        assert one.worse(other).value == worse
        assert other.worse(one).value == worse


def test_a_stage_without_steps_controls_flow_only() -> None:
    """No template, or a template without steps: nothing is done when Freight comes in."""

    def stage(template: PromotionTemplate | None) -> Stage:
        return Stage(spec=StageSpec(requested_freight=[], promotion_template=template))

    empty = PromotionTemplate(spec=PromotionTemplateSpec())
    steps = PromotionTemplate(spec=PromotionTemplateSpec(steps=[TemplateStep(uses="git-clone")]))
    assert stage(None).controls_flow_only
    assert stage(empty).controls_flow_only
    assert not stage(steps).controls_flow_only
