"""What a metric asks of an answer is work: above a size it leaves the event loop."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.support.analysis import metric_of
from towpath.resources.analysis_run import AnalysisPhase
from towpath.runtime.aside import LIGHT
from towpath.verification import answers, json_answer
from towpath.verification.known_secrets import KnownSecrets
from towpath.verification.provider import HttpAnswer
from towpath.verification.providers import web


class _Weighing:
    """Stands for `Aside`: does the work, and notes what it weighs."""

    def __init__(self) -> None:
        self.weights: list[int] = []

    async def run(self, work: Any, *given: Any, weight: int, **_: Any) -> Any:
        self.weights.append(weight)
        return work(*given)


@pytest.mark.parametrize(("terms", "is_aside"), [(1, False), (600, True)])
async def test_long_conditions_are_read_aside(terms: int, is_aside: bool) -> None:
    """Reading them costs more than looking at most values does."""
    aside = _Weighing()
    wanted = metric_of(successCondition=" && ".join(["result < 2.5"] * terms))
    found = await answers.worth(
        wanted, 1.0, aside=cast("Any", aside), caller="shop", known=KnownSecrets()
    )
    assert found.phase is AnalysisPhase.SUCCESSFUL
    assert [each > LIGHT for each in aside.weights] == [True] * is_aside


@pytest.mark.parametrize(("path", "is_aside"), [("{$.a}", False), ("{$.a}" * 700, True)])
async def test_a_path_that_looks_at_a_body_again_and_again_is_followed_aside(
    path: str, is_aside: bool
) -> None:
    """A body of a few kilobytes alone is read at once."""
    aside = _Weighing()
    context = cast("Any", SimpleNamespace(aside=aside, project="shop"))
    body = b'{"a": 1, "b": "' + b"x" * 6_000 + b'"}'
    answer = HttpAnswer(status=200, headers={}, body=body)
    found, _ = await json_answer.read(
        context, answer, web.result, path, what="GET", cost=json_answer.cost_of_path(len(path))
    )
    assert found == 1
    assert [each > LIGHT for each in aside.weights] == [is_aside]


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("result.SECRET > 1", "nobody.elsesBusiness1.at4711all"),
        ("result == 'SECRET'", "it's.nobody elsesBusiness1"),
        ("result == SECRET", "nobody*elsesBusiness1(at4711all"),
    ],
)
async def test_what_is_wrong_with_a_secret_in_a_condition_is_not_said(
    condition: str, value: str
) -> None:
    """Put in, it is read as a part of the expression; errors name its parts, which are no secrets by themselves."""
    known = KnownSecrets()
    known.learn({"token": value})
    metric = metric_of(successCondition=condition.replace("SECRET", value))
    aside = cast("Any", None)
    found = await answers.worth(metric, "text", aside=aside, caller="shop", known=known)
    assert found.phase is AnalysisPhase.ERROR
    said = known.message(found.message)
    assert "secret value" in said
    assert not any(part in said for part in ("nobody", "elsesBusiness1", "4711"))
