"""Jobs: real programs under confinement, a stand-in for podman and docker, and servers that are killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.container_engine import installed
from tests.support.measure_context import measuring
from tests.support.waiting import until_async
from towpath.clients.confinement.allowed_program import AllowedProgram
from towpath.clock import SystemClock, VirtualClock
from towpath.errors import BadRequest, Forbidden
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import JobMetric
from towpath.resources.structs import view
from towpath.verification.job import JOB_NAME, JobPhase
from towpath.verification.jobs.containers import ContainerRunner
from towpath.verification.jobs.kept import KeptJobs, LogBounds
from towpath.verification.jobs.running import JobProgram, ProgramRunner
from towpath.verification.jobs.runs import JobRuns
from towpath.verification.provider import InFlight, Judged, MeasureContext
from towpath.verification.providers.job import JobProvider, job_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from towpath.clock import Clock
    from towpath.verification.jobs.running import JobRunner
    from towpath.verification.provider import Answer

PATH = "/usr/bin:/bin"


def _programs(seconds: float = 20.0) -> ProgramRunner:
    shell = AllowedProgram(program=Path("/bin/sh"), arguments=("-c",), seconds=seconds)
    return ProgramRunner(
        {"check": JobProgram(program=shell, images=("ghcr.io/shop/*",))}, path=PATH
    )


@asynccontextmanager
async def _running(
    folder: Path, runner: JobRunner | None = None, clock: Clock | None = None, **more: Any
) -> AsyncIterator[tuple[MeasureContext, KeptJobs, JobRuns]]:
    kept = KeptJobs(folder / "jobs", LogBounds(bytes=20_000))
    async with (
        JobRuns(runner or _programs(), kept, clock or SystemClock()) as jobs,
        measuring(jobs=jobs, **more) as context,
    ):
        yield context, kept, jobs


def _config(*args: str, spec: dict[str, Any] | None = None, **container: Any) -> JobMetric:
    given = {"name": "main", "image": "check", "args": list(args)} | container
    whole = {"backoffLimit": 0, "template": {"spec": {"containers": [given]}}} | (spec or {})
    return view(JobMetric, {"spec": whole})


async def _over(context: MeasureContext, config: JobMetric) -> Judged:
    answer: Answer = await JobProvider().measure(context, config)

    async def look() -> Answer | None:
        nonlocal answer
        if isinstance(answer, InFlight):
            answer = await JobProvider().resume(context, config, answer.metadata)
        return None if isinstance(answer, InFlight) else answer

    found = await until_async(look, seconds=30)
    assert isinstance(found, Judged)
    return found


@pytest.mark.parametrize(
    ("script", "phase", "said"),
    [
        ("echo fine", AnalysisPhase.SUCCESSFUL, ""),
        ("echo the cause >&2; exit 3", AnalysisPhase.FAILED, "exit code 3: the cause"),
        ("kill -9 $$$$", AnalysisPhase.FAILED, "ended by signal 9"),
        ("cat /etc/passwd", AnalysisPhase.FAILED, "Permission denied"),
    ],
)
async def test_a_program_decides_by_its_exit_code(
    tmp_path: Path, script: str, phase: AnalysisPhase, said: str
) -> None:
    """It sees of this machine what commands of steps see, and writes in a folder of its own, which is gone afterwards."""
    async with _running(tmp_path) as (context, kept, _):
        found = await _over(context, _config(f"echo x > made; {script}"))
        assert (found.phase, found.metadata["job-namespace"]) == (phase, "shop")
        assert said in found.message
        name = found.metadata[JOB_NAME]
        assert name == f"{context.run_uid}.errors.1"
        assert kept.outcome(name)
        assert sorted(each.name for each in (tmp_path / "jobs" / name).iterdir()) == [
            "log",
            "outcome.json",
        ]


async def test_images_and_commands_stand_for_programs_of_the_list(tmp_path: Path) -> None:
    """By name, by a glob of images, and by the first word of the command."""
    async with _running(tmp_path) as (context, _, jobs):
        known: tuple[dict[str, Any], ...] = (
            {"image": "check"},
            {"image": "ghcr.io/shop/smoke:1.2@sha256:0000"},
            {"image": "any", "command": ["/usr/local/bin/check"]},
        )
        for number, container in enumerate(known):
            found = await _over(replace(context, number=number + 1), _config("exit 0", **container))
            assert found.phase is AnalysisPhase.SUCCESSFUL
        for container, said in (
            (
                {"image": "docker.io/shop/smoke:1"},
                "the image 'docker.io/shop/smoke:1' stands for no program",
            ),
            ({"command": ["/bin/bash"]}, "the command '/bin/bash' stands for no program .*check"),
        ):
            with pytest.raises(BadRequest, match=said):
                await JobProvider().measure(replace(context, number=9), _config(**container))
        assert await jobs.look(job_name(replace(context, number=9))) is None


async def test_without_the_operators_word_no_job_runs() -> None:
    """And the error says whose word, and where."""
    async with measuring() as context:
        with pytest.raises(Forbidden, match="its operator allows them by `jobs`"):
            await JobProvider().measure(context, _config("exit 0"))


async def test_variables_are_those_of_the_container_and_secret_ones_are_masked(
    tmp_path: Path,
) -> None:
    """`$(NAME)` stands for one, as in Kubernetes."""
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "$(A)2$$"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
    ]
    config = _config('echo "$A $B $(A) $TOKEN $0"; exit 2', "x", env=env)
    secrets = {"keys": {"token": "t0ps3cret"}}
    async with _running(tmp_path, secrets=secrets, secret_values=("an-argument",)) as (
        context,
        kept,
        _,
    ):
        found = await _over(context, config)
    said = kept.log(found.metadata[JOB_NAME]).read_text()
    assert said.splitlines()[0].startswith("1 12$ 1 ")
    assert "t0ps3cret" not in said


async def test_a_failure_is_tried_again_after_a_pause(tmp_path: Path) -> None:
    """10 s, then 20 s, as Kubernetes; the log has all tries."""
    clock = VirtualClock()
    spec = {"backoffLimit": 2}
    async with _running(tmp_path, clock=clock) as (context, kept, jobs):
        config = _config("echo one; exit 1", spec=spec)
        answer = await JobProvider().measure(context, config)
        assert isinstance(answer, InFlight)
        name = answer.metadata[JOB_NAME]
        for pause, tries in ((10, 1), (20, 2)):
            await _until(lambda tries=tries: _waits(jobs, name, tries))  # type: ignore[misc]
            state = await jobs.look(name)
            assert state is not None
            assert state.message == f"it failed, and is tried again {pause} s after try {tries}"
            await clock.advance(pause)
        found = await _over(context, config)
    assert found.phase is AnalysisPhase.FAILED
    assert found.message == "BackoffLimitExceeded: 3 tries failed: exit code 1: one"
    assert found.metadata["tries"] == "3"
    assert kept.log(name).read_text() == "one\n--- try 2 ---\none\n--- try 3 ---\none\n"


def _waits(jobs: JobRuns, name: str, tries: int) -> bool:
    running = jobs._running.get(name)
    return running is not None and f"after try {tries}" in running.waits_for


async def _until(found: Callable[[], Any]) -> None:
    async def look() -> Any:
        return found()

    assert await until_async(look, seconds=20)


async def test_time_is_up_for_all_tries_together_and_for_one(tmp_path: Path) -> None:
    """`activeDeadlineSeconds` of the Job, and the operator's for a program."""
    spec = {"backoffLimit": 3, "activeDeadlineSeconds": "1"}
    async with _running(tmp_path) as (context, _, _jobs):
        found = await _over(context, _config("sleep 600", spec=spec))
        assert found.phase is AnalysisPhase.FAILED
        assert "activeDeadlineSeconds (1): it took longer than 1 s and was ended" in found.message
    async with _running(tmp_path, _programs(seconds=0.3)) as (context, _, _jobs):
        found = await _over(replace(context, number=2), _config("sleep 600"))
        assert found.message == "it took longer than 0.3 s and was ended"


async def test_a_job_is_ended_with_its_run(tmp_path: Path) -> None:
    """While it runs, while it pauses, and when nothing is known of it."""
    clock = VirtualClock()
    async with _running(tmp_path, clock=clock) as (context, kept, jobs):
        config = _config("echo $$$$; sleep 600 & wait", spec={"backoffLimit": 1})
        answer = await JobProvider().measure(context, config)
        assert isinstance(answer, InFlight)
        log = kept.log(answer.metadata[JOB_NAME])
        await _until(lambda: log.exists() and log.read_text().strip())
        found = await JobProvider().terminate(context, config, answer.metadata)
        assert isinstance(found, Judged)
        assert found.phase is AnalysisPhase.INCONCLUSIVE
        assert not Path(f"/proc/{log.read_text().strip()}").exists()

        other = replace(context, number=2)
        config = _config("exit 1", spec={"backoffLimit": 1})
        answer = await JobProvider().measure(other, config)
        assert isinstance(answer, InFlight)
        await _until(lambda: _waits(jobs, job_name(other), 1))
        found = await JobProvider().terminate(other, config, answer.metadata)
        assert isinstance(found, Judged)
        assert found.phase is AnalysisPhase.INCONCLUSIVE

        found = await JobProvider().terminate(replace(context, number=3), config, {})
        assert isinstance(found, Judged)
        assert found.phase is AnalysisPhase.INCONCLUSIVE
        assert jobs._running == {}


async def test_beginning_a_job_twice_begins_it_once(tmp_path: Path) -> None:
    """Also when it is over: what it came to is told again."""
    async with _running(tmp_path) as (context, kept, _):
        config = _config("echo one; exit 1")
        await asyncio.gather(*(JobProvider().measure(context, config) for _ in range(3)))
        found = await _over(context, config)
        assert found == await _over(context, config)
        assert kept.log(found.metadata[JOB_NAME]).read_text() == "one\n"


async def test_what_was_cut_off_is_taken_again_and_says_so(tmp_path: Path) -> None:
    """A server that stops leaves nothing running, and nothing that looks like an outcome."""
    config = _config("sleep 0.2; test -e /proc || exit 1")
    async with _running(tmp_path) as (context, kept, _):
        answer = await JobProvider().measure(context, config)
        assert isinstance(answer, InFlight)
    assert kept.outcome(answer.metadata[JOB_NAME]) is None
    async with _running(tmp_path) as (context, _, _jobs):
        again = await JobProvider().resume(context, config, answer.metadata)
        assert isinstance(again, InFlight)
        assert "begun anew" in again.metadata["taken-again"]
        found = await _over(context, config)
        assert found.metadata[JOB_NAME] == answer.metadata[JOB_NAME]


async def test_no_job_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    """By SIGKILL; the next server begins it anew."""
    code = f"""
        import asyncio, sys
        from pathlib import Path
        sys.path.insert(0, {str(Path(__file__).parents[3])!r})
        from tests.integration.verification import test_jobs
        from towpath.verification.providers.job import JobProvider
        async def main():
            async with test_jobs._running(Path({str(tmp_path)!r})) as (context, kept, jobs):
                await JobProvider().measure(context, test_jobs._config("echo $$$$; sleep 600"))
                await asyncio.Event().wait()
        asyncio.run(main())
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    async with measuring() as context:
        name = job_name(context)
    log = tmp_path / "jobs" / name / "log"
    await _until(lambda: log.exists() and log.read_text().strip())
    process = Path(f"/proc/{log.read_text().strip()}")
    assert process.exists()
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    await _until(lambda: not process.exists())
    async with _running(tmp_path) as (context, _, jobs):
        assert await jobs.look(name) is None
        found = await JobProvider().resume(context, _config("exit 0"), {JOB_NAME: name})
        assert "taken-again" in found.metadata


async def test_many_jobs_take_turns_and_no_project_waits_for_another(tmp_path: Path) -> None:
    """Many jobs take turns and no project waits for another."""
    kept = KeptJobs(tmp_path / "jobs", LogBounds())
    async with (
        JobRuns(_programs(), kept, SystemClock(), at_once=2, of_one=1) as jobs,
        measuring(jobs=jobs) as context,
    ):
        blocked = _config("sleep 600")
        await JobProvider().measure(context, blocked)
        waiting = replace(context, number=2)
        await JobProvider().measure(waiting, blocked)
        other = replace(context, project="bank", number=3)
        assert (await _over(other, _config("exit 0"))).phase is AnalysisPhase.SUCCESSFUL
        state = await jobs.look(job_name(waiting))
        assert state is not None
        assert (state.phase, state.tries) == (JobPhase.RUNNING, 0)
        assert "waits for its turn" in state.message


def _engine(tmp_path: Path, **more: Any) -> tuple[ContainerRunner, Callable[[], list[list[str]]]]:
    program = installed(tmp_path / "engine")
    runner = ContainerRunner(str(program), environment={"PATH": PATH}, seconds=20.0, **more)

    def calls() -> list[list[str]]:
        lines = (tmp_path / "engine" / "calls").read_text().splitlines()
        return [json.loads(line)["argv"] for line in lines]

    return runner, calls


async def test_a_container_is_run_by_the_engine(tmp_path: Path) -> None:
    """Its command is the entry point; values of variables are on no command line."""
    runner, calls = _engine(tmp_path, network="host", memory="256m")
    env = [{"name": "A", "value": "s3cret value"}]
    script = 'test "$A" = "s3cret value" && echo in'
    config = _config(
        script,
        image="shop/smoke:1",
        command=["/bin/sh", "-c"],
        env=env,
    )
    async with _running(tmp_path, runner) as (context, kept, _):
        found = await _over(context, config)
    assert found.phase is AnalysisPhase.SUCCESSFUL
    assert kept.log(found.metadata[JOB_NAME]).read_text() == "in\n"
    name = found.metadata[JOB_NAME]
    inspected, pulled, run, removed = calls()
    assert (inspected, pulled) == (["image", "inspect", "shop/smoke:1"], ["pull", "shop/smoke:1"])
    assert run == [
        "run", "--rm", f"--name={name}", "--pull=never",
        f"--label=analysisrun.argoproj.io/uid={context.run_uid}", "--network=host", "--memory=256m",
        "--env=A", "--entrypoint=/bin/sh", "shop/smoke:1", "-c", script,
    ]  # fmt: skip
    assert removed == ["rm", "--force", name]


@pytest.mark.parametrize(
    ("container", "said", "asked"),
    [
        ({"image": "nowhere/x:1"}, "cannot be pulled: Error: .*manifest unknown", ["image", "pull"]),
        ({"image": "x:1", "imagePullPolicy": "Never"}, "not on this machine, and imagePullPolicy is Never", ["image"]),
        ({"image": "nowhere/x"}, "cannot be pulled", ["pull"]),
    ],
)  # fmt: skip
async def test_an_image_that_cannot_be_had_decides_nothing(
    tmp_path: Path, container: dict[str, Any], said: str, asked: list[str]
) -> None:
    """Inconclusive, as with Argo Rollouts; it is not tried again."""
    import re

    runner, calls = _engine(tmp_path)
    async with _running(tmp_path, runner) as (context, _, _jobs):
        found = await _over(context, _config("x", spec={"backoffLimit": 3}, **container))
    assert found.phase is AnalysisPhase.INCONCLUSIVE
    assert re.search(said, found.message), found.message
    assert [each[0] for each in calls()] == asked


async def test_a_container_is_ended_by_its_engine(tmp_path: Path) -> None:
    """It is a process of the engine's, and does not end with the one who asked for it."""
    runner, calls = _engine(tmp_path)
    async with _running(tmp_path, runner) as (context, kept, _):
        config = _config("echo $$$$; exec sleep 600", image="x:1")
        answer = await JobProvider().measure(context, config)
        assert isinstance(answer, InFlight)
        log = kept.log(answer.metadata[JOB_NAME])
        await _until(lambda: log.exists() and log.read_text().strip())
        await JobProvider().terminate(context, config, answer.metadata)
        process = Path(f"/proc/{log.read_text().strip()}")
        await _until(lambda: not process.exists())
    assert calls()[-1][:2] == ["rm", "--force"]


async def test_images_are_those_that_the_operator_allows(tmp_path: Path) -> None:
    """Images are those that the operator allows."""
    runner, _ = _engine(tmp_path, images=["ghcr.io/shop/*"])
    async with _running(tmp_path, runner) as (context, _, _jobs):
        for image, said in (
            ("docker.io/x:1", "not among those that the operator allows"),
            ("--privileged", "no name of an image"),
        ):
            with pytest.raises(BadRequest, match=said):
                await JobProvider().measure(context, _config(image=image))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, "job.spec.template: it must be an object"),
        ({"template": {"spec": {"containers": []}}}, "one container runs here, and there are 0"),
        ({"template": {"spec": {"containers": [{}, {}]}}}, "there are 2"),
        ({"completions": 3}, "job.spec.completions: one container runs once"),
        ({"backoffLimit": "many", "template": {"spec": {"containers": [{"image": "check"}]}}}, "backoffLimit: 'many'"),
        ({"template": {"spec": {"containers": [{"args": "x"}]}}}, r"containers\[0\].args: it must be a list"),
        ({"template": {"spec": {"containers": [{"args": [1]}]}}}, r"args\[0\]: it must be a text; put it in quotes"),
        ({"template": {"spec": {"containers": [{"env": [{"name": "A=B"}]}]}}}, r"env\[0\].name: 'A=B' is no name"),
        ({"template": {"spec": {"containers": [{"envFrom": [{}]}]}}}, "envFrom: it is not there here"),
        ({"template": {"spec": {"containers": [{"env": [{"name": "A", "valueFrom": {"fieldRef": {}}}]}]}}}, "there is secretKeyRef here"),
        ({"template": {"spec": {"initContainers": [{}], "containers": [{}]}}}, "initContainers: they are not run"),
    ],
)  # fmt: skip
async def test_what_a_job_cannot_be_here_is_named(spec: dict[str, Any], said: str) -> None:
    """What a job cannot be here is named."""
    async with measuring() as context:
        with pytest.raises(BadRequest, match=said):
            await JobProvider().measure(context, view(JobMetric, {"spec": spec}))


async def test_names_are_short_and_never_shared() -> None:
    """Names are short and never shared."""
    async with measuring() as context:
        names = [
            job_name(replace(context, metric=metric, number=number))
            for metric in ("a" * 80, "a" * 81, "A", "a", "a/../b", "ä", "errors")
            for number in (1, 12, 1234)
        ]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 and "/" not in name and ".." not in name for name in names)


def test_old_logs_and_too_many_go(tmp_path: Path) -> None:
    """The oldest first; those that run stay."""
    kept = KeptJobs(tmp_path, LogBounds(bytes=10, total_bytes=250, seconds=100))
    for name, age in (("old", 200), ("first", 50), ("second", 40), ("third", 30), ("runs", 500)):
        folder = kept.begin(name)
        kept.log(name).write_bytes(b"x" * 100)
        os.utime(folder, (1000 - age, 1000 - age))
    kept.sweep(1000, ["runs"])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["runs", "second", "third"]
    for name in ("../x", "a/b", "..", "", "x" * 64):
        with pytest.raises(ValueError, match="no name of a Job"):
            kept.log(name)


@pytest.mark.parametrize("name", ["BASH_ENV", "LD_PRELOAD", "PYTHONPATH", "Node_Options", "ENV"])
async def test_no_variable_makes_a_program_of_the_list_another(tmp_path: Path, name: str) -> None:
    """A shell runs what BASH_ENV names before its script, a loader loads what LD_PRELOAD names: the operator has named neither."""
    async with _running(tmp_path) as (context, _, _):
        refused = _config("exit 0", env=[{"name": name, "value": "$(id >&2)"}])
        with pytest.raises(BadRequest, match="not set for a program of the operator's list"):
            await JobProvider().measure(context, refused)
        taken = _config(
            'test "$ENVIRONMENT" = prod', env=[{"name": "ENVIRONMENT", "value": "prod"}]
        )
        assert (await _over(context, taken)).phase is AnalysisPhase.SUCCESSFUL


async def test_no_variable_of_a_container_reaches_its_engine(tmp_path: Path) -> None:
    """The engine runs unconfined: LD_PRELOAD would run code beside the server, DOCKER_HOST send what is run elsewhere."""
    engine = installed(tmp_path / "engine")
    runner = ContainerRunner(str(engine), environment={"PATH": PATH}, seconds=20)
    steering = {
        "LD_PRELOAD": "/tmp/evil.so",
        "DOCKER_HOST": "tcp://192.0.2.1",
        "HTTPS_PROXY": "x:1",
    }
    variables = [
        {"name": name, "value": value} for name, value in (steering | {"HOST": "h"}).items()
    ]
    script = 'test "$HOST-$DOCKER_HOST-$HTTPS_PROXY" = h-tcp://192.0.2.1-x:1'
    async with _running(tmp_path, runner) as (context, _, _):
        found = await _over(context, _config(script, image="shop/check:1", env=variables))
        assert found.phase is AnalysisPhase.SUCCESSFUL, found.message
        calls = [
            json.loads(line) for line in (tmp_path / "engine" / "calls").read_text().splitlines()
        ]
        assert [each for each in calls if "run" in each["argv"]]
        for call in calls:
            assert not steering.keys() & call["environment"].keys()
        secret = _config(
            "x", image="shop/check:1", env=[{"name": "DOCKER_CONFIG", "value": "a-hunter22"}]
        )
        given = replace(context, number=2, secret_values=("hunter22",))
        found = await _over(given, secret)
        assert found.phase is AnalysisPhase.FAILED
        assert "variable of another name" in found.message
