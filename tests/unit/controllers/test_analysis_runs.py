"""AnalysisRuns as their controller carries them out, in virtual time, by a provider that answers as it is told."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

from tests.support.measuring import WEB, run_document
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.stores import document
from towpath.errors import NotFound, Unavailable
from towpath.resources import moments, scheme, sizes
from towpath.resources.kinds import Ref
from towpath.resources.labels import STAGE_LABEL
from towpath.rules.analysis import room
from towpath.rules.analysis.moves import TAKEN_AGAIN
from towpath.store.contract import Query
from towpath.verification import taking
from towpath.verification.provider import Judged, Measured

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document

RUN = scheme.ANALYSIS_RUN


async def begun(world: Pipeline, *metrics: dict[str, Any], name: str = "run", **spec: Any) -> None:
    """Create a run, and let it be looked at."""
    await world.apply(run_document(name, *metrics, **spec))
    await world.settled()


async def passing(world: Pipeline, seconds: float, step: float = 1.0) -> None:
    """Let time pass, second by second."""
    while seconds > 0:
        await world.clock.advance(min(step, seconds))
        await world.settled()
        seconds -= step


async def status(world: Pipeline, name: str = "run") -> Document:
    """Return the status of a run."""
    return await world.status(RUN, name)


async def result(world: Pipeline, metric: str = "m", name: str = "run") -> Document:
    """Return what a metric came to."""
    found = await status(world, name)
    return next(each for each in found["metricResults"] if each["name"] == metric)


async def stop(world: Pipeline, name: str = "run") -> None:
    """Ask a run to end."""
    await world.writer.change(
        Ref(RUN, PROJECT, name),
        lambda old: {**old, "spec": {**old["spec"], "terminate": True}},
        USER,
        manager="test",
    )
    await world.settled()


async def test_a_run_is_measured_and_ends(tmp_path: Path) -> None:
    """Three times, and the fourth is not wanted."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await begun(
            world, {"name": "m", "interval": "10s", "count": 3, "successCondition": "result == 1"}
        )
        assert (await status(world))["phase"] == "Running"
        await passing(world, 30)
        found = await status(world)
        assert (found["phase"], (await result(world))["successful"]) == ("Successful", 3)
        assert [each.number for each in world.measures.asked] == [1, 2, 3]
        assert found["completedAt"]


async def test_a_measurement_is_in_flight_on_the_disk_before_anybody_is_asked(
    tmp_path: Path,
) -> None:
    """A measurement is in flight on the disk before anybody is asked."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.gates["m"] = asyncio.Event()
        await begun(world, {"name": "m"})
        (measurement,) = (await result(world))["measurements"]
        assert measurement["phase"] == "Running"
        assert moments.read(measurement["startedAt"]) == world.clock.now()
        assert len(world.measures.asked) == 1
        world.measures.gates["m"].set()
        await world.settled()
        assert (await status(world))["phase"] == "Successful"


async def test_what_was_cut_off_is_taken_again_and_says_so(tmp_path: Path) -> None:
    """As the same measurement; one that its provider left in flight is asked for, and says nothing of it."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.gates["m"] = asyncio.Event()
        world.measures.script("run", left=[{"value": 1, "takes": "20s"}])
        await begun(world, {"name": "m"}, {"name": "left"})
        await passing(world, 1)
        before = (await result(world))["measurements"][0]["startedAt"]
        await world.analysis_runs.under_way.close()  # as by the end of the server
        await passing(world, 9)
        world.controllers[-1].add(Ref(RUN, PROJECT, "run"))
        await world.settled()
        (measurement,) = (await result(world))["measurements"]
        assert (measurement["startedAt"], measurement["message"]) == (before, TAKEN_AGAIN)
        world.measures.gates["m"].set()
        await passing(world, 15)
        found = await result(world)
        assert [each["message"] for each in found["measurements"]] == [TAKEN_AGAIN]
        assert (found["count"], found["successful"]) == (1, 1)
        left = await result(world, "left")
        assert (left["count"], left["measurements"][0].get("message", "")) == (1, "")
        asked = [(each.how, each.metric, each.number) for each in world.measures.asked]
        assert sorted(asked) == [
            ("measure", "left", 1), ("measure", "m", 1), ("measure", "m", 1), ("resume", "left", 1),
        ]  # fmt: skip
        assert (await status(world))["phase"] == "Successful"


async def test_what_ends_together_is_written_together(tmp_path: Path) -> None:
    """Of twenty metrics: once that they are in flight, and hardly oftener what they came to."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        written: set[int] = set()

        async def follow() -> None:
            async for event in world.store.watch(Query(kind=RUN)):
                if event.object is not None:
                    written.add(event.object.revision)

        following = asyncio.create_task(follow())
        await begun(world, *({"name": f"m{number}"} for number in range(20)))
        assert (await status(world))["phase"] == "Successful"
        following.cancel()
        assert len(written) <= 4


async def test_whatever_a_provider_raises_or_answers_is_an_error_of_the_measurement(
    tmp_path: Path,
) -> None:
    """The run goes on by its rules."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.faults |= {
            "ours": Unavailable("the server is away"),
            "theirs": ZeroDivisionError("division by zero"),
            "worst": SystemExit(3),
            "cancelled": asyncio.CancelledError(),
        }
        world.measures.answers |= {
            "nothing": None,
            "object": {"value": 1},
            "phase": Judged(phase="Great"),  # type: ignore[arg-type]
            "value": Measured(value=object(), shown="x"),
        }
        names = [*world.measures.faults, *world.measures.answers]
        metrics = ({"name": each, "successCondition": "result > 0"} for each in names)
        await begun(world, *metrics)
        said = {
            each["name"]: each["measurements"][0] for each in (await status(world))["metricResults"]
        }
        assert {each["phase"] for each in said.values()} == {"Error"}
        assert said["ours"]["message"] == "the server is away"
        assert said["theirs"]["message"] == "ZeroDivisionError: division by zero"
        assert "no answer" in said["nothing"]["message"]
        assert "'Great'" in said["phase"]["message"]
        assert (await status(world))["phase"] == "Running"


async def test_a_provider_that_is_not_installed_is_named(tmp_path: Path) -> None:
    """A provider that is not installed is named."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await begun(
            world, {"name": "m", "provider": {"plugin": {"dice": {}}}, "consecutiveErrorLimit": 0}
        )
        found = await status(world)
        assert found["phase"] == "Error"
        assert "no metric provider 'dice'" in found["message"]


async def test_a_provider_that_does_not_answer_is_stopped(tmp_path: Path) -> None:
    """After its time, and the slot is free for others."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.gates["m"] = asyncio.Event()
        await begun(world, {"name": "m", "consecutiveErrorLimit": 0})
        await passing(world, 310, 10)
        assert world.measures.cut_off == ["m"]
        assert "did not answer within 300 s" in (await status(world))["message"]
        assert world.analysis_runs.under_way.count == 0


async def test_a_run_that_is_asked_to_end_cuts_off_what_is_under_way(tmp_path: Path) -> None:
    """It does not count."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.gates["m"] = asyncio.Event()
        await begun(world, {"name": "m"})
        await stop(world)
        await passing(world, 5)
        found = await status(world)
        assert (found["phase"], found["message"]) == ("Successful", "Run Terminated")
        assert found.get("metricResults", []) == []
        assert world.measures.cut_off == ["m"]
        assert [each.how for each in world.measures.asked] == ["measure", "terminate"]


async def test_what_a_provider_left_in_flight_is_ended_by_it(tmp_path: Path) -> None:
    """What a provider left in flight is ended by it."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.script("run", m=[{"value": 1, "takes": "1m"}])
        await begun(world, {"name": "m"})
        assert (await result(world))["measurements"][0]["metadata"] == {"of": "1"}
        await stop(world)
        await passing(world, 2)
        (measurement,) = (await result(world))["measurements"]
        assert (measurement["phase"], measurement["message"]) == ("Successful", "Metric Terminated")


async def test_a_run_that_is_deleted_has_ended_what_it_began(tmp_path: Path) -> None:
    """A run that is deleted has ended what it began."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.script("run", m=[{"value": 1, "takes": "1m"}])
        world.measures.gates["n"] = asyncio.Event()
        await begun(world, {"name": "m"}, {"name": "n"})
        await world.writer.delete(Ref(RUN, PROJECT, "run"), USER)
        await passing(world, 5)
        ended = {each.metric for each in world.measures.asked if each.how == "terminate"}
        assert ended == {"m", "n"}
        assert world.measures.cut_off == ["n"]
        assert (world.analysis_runs.active, world.analysis_runs.under_way.count) == (0, 0)


async def _secret(world: Pipeline, value: str) -> None:
    data = {"token": base64.b64encode(value.encode()).decode()}
    await world.apply(document(scheme.SECRET, "login", PROJECT, data=data))


ARGS = [{"name": "token", "valueFrom": {"secretKeyRef": {"name": "login", "key": "token"}}}]
WITH_SECRET = {"web": {"url": "https://a.example/{{args.token}}"}}


async def test_values_of_secrets_reach_the_provider_and_are_masked_everywhere(
    tmp_path: Path,
) -> None:
    """A new value is used by the next measurement."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await _secret(world, "first-secret")
        world.measures.reads["m"] = "login"
        metric = {"name": "m", "provider": WITH_SECRET, "interval": "10s", "count": 2}
        await begun(world, metric, args=ARGS)
        assert world.measures.asked[0].url == "https://a.example/first-secret"
        (measurement,) = (await result(world))["measurements"]
        assert "https://a.example/*****" in measurement["value"]
        assert "*****" in measurement["metadata"]["said"]
        await _secret(world, "second-secret")
        await passing(world, 11)
        assert world.measures.asked[1].url == "https://a.example/second-secret"
        said = str(await status(world))
        assert "first-secret" not in said
        assert "second-secret" not in said


async def test_a_secret_that_is_not_there_ends_the_run_at_once(tmp_path: Path) -> None:
    """A secret that is not there ends the run at once."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await begun(world, {"name": "m", "provider": WITH_SECRET}, args=ARGS)
        found = await status(world)
        assert found["phase"] == "Error"
        assert "login does not exist" in found["message"]
        assert "completedAt" not in found
        assert world.measures.asked == []


async def test_no_project_takes_all_turns(tmp_path: Path) -> None:
    """However many measurements of one hang, those of another are taken; and of one Project only so many at once."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.gates["slow"] = asyncio.Event()
        for number in range(taking.OF_ONE + 20):
            await world.store.create(run_document(f"run-{number}", {"name": "slow"}), actor="a")
        await world.settled()
        assert len(world.measures.asked) == taking.OF_ONE
        assert world.analysis_runs.under_way.count == taking.OF_ONE + 20
        other = run_document("other", {"name": "quick"})
        other["metadata"]["namespace"] = "elsewhere"
        await world.store.create(document(scheme.NAMESPACE, "elsewhere"), actor="a")
        await world.store.create(other, actor="a")
        await world.settled()
        assert world.measures.asked[-1].metric == "quick"
        world.measures.gates["slow"].set()
        await world.settled()
        assert len(world.measures.asked) == taking.OF_ONE + 21


async def test_a_status_has_a_bound_whatever_is_to_be_kept(tmp_path: Path) -> None:
    """The counters stay right."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        names = [f"m{number}" for number in range(40)]
        world.measures.answers |= {
            each: Measured(value=1.0, shown="v" * 5_000, metadata={"k": "w" * 5_000})
            for each in names
        }
        await begun(
            world,
            *({"name": each, "interval": "1s", "count": 8} for each in names),
            measurementRetention=[{"metricName": ".*", "limit": 1000}],
        )
        await passing(world, 12)
        found = await status(world)
        assert found["phase"] == "Successful"
        assert sizes.of(found) <= room.MOST_BYTES
        assert {each["successful"] for each in found["metricResults"]} == {8}


async def test_what_is_more_than_a_run_can_have_is_refused(tmp_path: Path) -> None:
    """What is more than a run can have is refused."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        many = run_document("run", *({"name": f"m{number}"} for number in range(201)))
        await world.store.create(many, actor="a")
        await world.settled()
        assert "201 are more than the 200" in (await status(world))["message"]


async def test_a_run_goes_when_its_time_is_over(tmp_path: Path) -> None:
    """As `ttlStrategy` says of its phase."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        ttl = {"secondsAfterCompletion": 500, "secondsAfterSuccess": 20}
        await begun(world, {"name": "m"}, ttlStrategy=ttl)
        await passing(world, 15, 5)
        assert (await status(world))["phase"] == "Successful"
        await passing(world, 10, 5)
        assert await _is_gone(world, "run")


async def _is_gone(world: Pipeline, name: str) -> bool:
    try:
        await world.store.get(Ref(RUN, PROJECT, name), fresh=True)
    except NotFound:
        return True
    return False


async def test_no_run_goes_that_its_stage_goes_by(tmp_path: Path) -> None:
    """Until another has taken its place."""
    async with running(tmp_path) as world:
        await world.apply(project_document("good"), warehouse_document(), stage_document("good"))
        await world.freight("1.0.0")
        await world.settled()
        stage = Ref(scheme.STAGE, PROJECT, "good")

        def referring(name: str) -> Any:
            def change(found: Document) -> Document:
                found["status"]["freightHistory"][0]["verificationHistory"] = [
                    {
                        "id": name,
                        "phase": "Successful",
                        "analysisRun": {"name": name, "namespace": PROJECT, "phase": "Successful"},
                    }
                ]
                return found

            return change

        await world.store.patch(stage, referring("run"), actor="a", subresource="status")
        await begun(
            world,
            {"name": "m"},
            ttlStrategy={"secondsAfterCompletion": 1},
            metadata={"labels": {STAGE_LABEL: "good"}},
        )
        await passing(world, 700, 100)
        assert not await _is_gone(world, "run")
        waiting = world.controllers[-1].waiting(Ref(RUN, PROJECT, "run"))
        assert waiting is not None
        assert "Stage good" in waiting.reason
        await world.store.patch(stage, referring("other"), actor="a", subresource="status")
        await passing(world, 700, 100)
        assert await _is_gone(world, "run")


async def test_a_template_that_changes_concerns_no_run(tmp_path: Path) -> None:
    """The run holds what it measures."""
    async with running(tmp_path) as world:
        template = {"metrics": [{"name": "m", "provider": WEB}]}
        await world.apply(
            project_document(), document(scheme.ANALYSIS_TEMPLATE, "t", PROJECT, spec=template)
        )
        await begun(world, {"name": "m", "interval": "10s", "count": 2})
        other = {"metrics": [{"name": "other", "provider": WEB}]}
        await world.apply(document(scheme.ANALYSIS_TEMPLATE, "t", PROJECT, spec=other))
        await passing(world, 12)
        assert {each.metric for each in world.measures.asked} == {"m"}
        assert (await status(world))["phase"] == "Successful"


async def test_a_status_that_somebody_else_wrote_stops_nothing(tmp_path: Path) -> None:
    """A metric that is complete and in flight at once; a phase that is none; results of other metrics."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        flying = {"phase": "Running", "startedAt": "2025-01-01T00:00:00Z"}
        complete = {"name": "m", "phase": "Failed", "measurements": [flying]}
        odd = {"name": "z", "phase": "", "measurements": [{"phase": ""}]}
        for name, found in (
            ("complete", {"phase": "Running", "metricResults": [complete]}),
            ("empty", {"phase": "", "metricResults": [odd]}),
        ):
            await begun(world, {"name": "m", "initialDelay": "20s"}, name=name)
            await world.store.patch(
                Ref(RUN, PROJECT, name),
                lambda old, found=found: {**old, "status": found},  # type: ignore[misc]  # mypy cannot infer it
                actor="a",
                subresource="status",
            )
        await passing(world, 60, 10)
        assert (await status(world, "complete"))["phase"] == "Failed"
        assert (await status(world, "empty"))["phase"] == "Successful"
