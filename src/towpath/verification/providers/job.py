"""`job`: a program, or a container, that succeeds or fails. It runs beside the server, by what the operator names."""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from towpath import messages
from towpath.errors import BadRequest
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import JobMetric
from towpath.verification.job import JOB_NAME, Job, JobContainer, JobPhase, JobState
from towpath.verification.provider import BaseProvider, InFlight, Judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

_JOB_NAMESPACE: Final = "job-namespace"
_BEGUN: Final = "begun"
_AGAIN: Final = "taken-again"
_LONGEST_NAME: Final = 63
_HASH: Final = 6
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_BACKOFF_LIMIT: Final = 6
_MOST_TRIES: Final = 20
_NO_NAME: Final = re.compile(r"[^a-z0-9-]", re.ASCII)
_VARIABLE: Final = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*", re.ASCII)
_REFERENCE: Final = re.compile(r"\$\$|\$\(([-._a-zA-Z0-9]+)\)", re.ASCII)
_MOST_ARGUMENTS: Final = 1_000
_PHASES: Final = {
    JobPhase.COMPLETE: AnalysisPhase.SUCCESSFUL,
    JobPhase.FAILED: AnalysisPhase.FAILED,
    JobPhase.NO_IMAGE: AnalysisPhase.INCONCLUSIVE,
    JobPhase.ENDED: AnalysisPhase.INCONCLUSIVE,
}


class JobProvider(BaseProvider):
    """Runs a Job."""

    name: ClassVar[str] = "job"
    config: ClassVar[type[Struct]] = JobMetric

    async def measure(self, context: MeasureContext, config: JobMetric) -> Answer:
        """Begin it."""
        job = await wanted(context, config)
        return _told(context, await context.jobs.begin(job), _metadata(context, job.name))

    async def resume(
        self, context: MeasureContext, config: JobMetric, metadata: Mapping[str, str]
    ) -> Answer:
        """Look how far it is. One that nothing is known of was cut off by the server's end, and is begun anew."""
        name = metadata.get(JOB_NAME) or job_name(context)
        state = await context.jobs.look(name)
        if state is not None:
            return _told(context, state, dict(metadata) or _metadata(context, name))
        job = await wanted(context, config)
        noted = _metadata(context, job.name) | {
            _AGAIN: "the server ended while it ran: it was begun anew"
        }
        return _told(context, await context.jobs.begin(job), noted)

    async def terminate(
        self, context: MeasureContext, config: JobMetric, metadata: Mapping[str, str]
    ) -> Answer:
        """End it, with all that it started."""
        del config
        name = metadata.get(JOB_NAME) or job_name(context)
        state = await context.jobs.end(name)
        if state is None or state.phase is JobPhase.RUNNING:
            state = JobState(phase=JobPhase.ENDED)
        return _told(context, state, dict(metadata) or _metadata(context, name))


def job_name(context: MeasureContext) -> str:
    """Return the name of a measurement's Job: `RUN-UID.METRIC.NUMBER`, as Argo Rollouts has it.

    A metric's name that is cut, or has characters that no name of a Job has, ends with a few characters of its hash, so that two
    metrics never have one Job.
    """
    tail = f".{context.number}"
    room = max(_HASH + 1, _LONGEST_NAME - len(context.run_uid) - 1 - len(tail))
    plain = _NO_NAME.sub("-", context.metric.lower())
    if plain != context.metric or len(plain) > room:
        hashed = hashlib.sha256(context.metric.encode()).hexdigest()[:_HASH]
        plain = f"{plain[: room - _HASH - 1]}-{hashed}"
    return f"{context.run_uid}.{plain}{tail}"


def _metadata(context: MeasureContext, name: str) -> dict[str, str]:
    return {
        JOB_NAME: name,
        _JOB_NAMESPACE: context.project,
        _BEGUN: f"{context.now.timestamp():.0f}",
    }


def _told(context: MeasureContext, state: JobState, metadata: dict[str, str]) -> Answer:
    """Return the answer that a state is. It is looked at less and less often, as Argo Rollouts does."""
    if state.phase is JobPhase.RUNNING:
        begun = metadata.get(_BEGUN, "")
        elapsed = max(0.0, context.now.timestamp() - float(begun)) if begun.isdecimal() else 0.0
        pause = min(max(_SHORTEST_PAUSE, math.sqrt(2 * elapsed)), _LONGEST_PAUSE)
        shown = {"waiting": messages.cut(state.message, 500)} if state.message else {}
        kept = {key: value for key, value in metadata.items() if key != "waiting"}
        return InFlight(resume_seconds=pause, metadata=kept | shown)
    again = metadata.get(_AGAIN, "")
    said = "; ".join(each for each in (state.message, again) if each)
    noted = {key: value for key, value in metadata.items() if key not in (_BEGUN, "waiting")}
    if state.tries > 1:
        noted["tries"] = str(state.tries)
    return Judged(phase=_PHASES[state.phase], message=said, metadata=noted)


async def wanted(context: MeasureContext, config: JobMetric) -> Job:
    """Return the Job that a metric describes. Raises BadRequest, which names the field, and what reading Secrets raises."""
    spec = _object(config.spec, "job.spec")
    for field in ("parallelism", "completions"):
        if spec.get(field) not in (None, 1):
            raise BadRequest(f"job.spec.{field}: one container runs once here; leave it out")
    where = "job.spec.template.spec"
    pod = _object(_object(spec.get("template"), "job.spec.template").get("spec"), where)
    containers = pod.get("containers")
    if not isinstance(containers, list) or len(containers) != 1:
        many = len(containers) if isinstance(containers, list) else 0
        raise BadRequest(f"{where}.containers: one container runs here, and there are {many}")
    if pod.get("initContainers"):
        raise BadRequest(f"{where}.initContainers: they are not run here; do it in the container")
    container, secret_values = await _container(context, containers[0], f"{where}.containers[0]")
    return Job(
        name=job_name(context),
        project=context.project,
        run=context.run,
        run_uid=context.run_uid,
        metric=context.metric,
        container=container,
        backoff_limit=min(
            _number(spec.get("backoffLimit"), _BACKOFF_LIMIT, "job.spec.backoffLimit"), _MOST_TRIES
        ),
        deadline_seconds=_number(
            spec.get("activeDeadlineSeconds"), 0, "job.spec.activeDeadlineSeconds"
        ),
        secret_values=(*context.secret_values, *secret_values),
    )


async def _container(
    context: MeasureContext, given: Any, where: str
) -> tuple[JobContainer, list[str]]:
    """Return the container, and the values of its variables that come from Secrets."""
    container = _object(given, where)
    for field in ("envFrom", "volumeMounts"):
        if container.get(field):
            raise BadRequest(
                f"{where}.{field}: it is not there here; write values into env or args"
            )
    environment: dict[str, str] = {}
    secret_values: list[str] = []
    variables = container.get("env") or []
    if not isinstance(variables, list):
        raise BadRequest(f"{where}.env: it must be a list")
    for place, each in enumerate(variables[:_MOST_ARGUMENTS]):
        at = f"{where}.env[{place}]"
        variable = _object(each, at)
        name = variable.get("name")
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise BadRequest(f"{at}.name: {str(name)[:80]!r} is no name of a variable")
        if variable.get("valueFrom") is None:
            environment[name] = _expanded(_text(variable.get("value"), f"{at}.value"), environment)
        else:
            environment[name] = await _secret(context, variable["valueFrom"], f"{at}.valueFrom")
            secret_values.append(environment[name])
    return JobContainer(
        name=_text(container.get("name"), f"{where}.name") or "job",
        image=_text(container.get("image"), f"{where}.image"),
        command=_texts(container.get("command"), environment, f"{where}.command"),
        args=_texts(container.get("args"), environment, f"{where}.args"),
        environment=environment,
        pull_policy=_text(container.get("imagePullPolicy"), f"{where}.imagePullPolicy"),
    ), secret_values


async def _secret(context: MeasureContext, given: Any, where: str) -> str:
    reference = _object(given, where).get("secretKeyRef")
    if not isinstance(reference, dict):
        raise BadRequest(f"{where}: of what values can come from there is secretKeyRef here")
    name, key = reference.get("name"), reference.get("key")
    if not isinstance(name, str) or not isinstance(key, str):
        raise BadRequest(f"{where}.secretKeyRef: write name and key")
    values = await context.secrets.read(name)
    if key not in values:
        raise BadRequest(f"{where}.secretKeyRef: Secret {name} has no key {key[:80]!r}")
    return values[key]


def _expanded(text: str, environment: Mapping[str, str]) -> str:
    """Return a text with `$(NAME)` replaced by variables, as Kubernetes does; `$$` is a `$`."""
    return _REFERENCE.sub(
        lambda found: "$" if found[1] is None else environment.get(found[1], found[0]), text
    )


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequest(f"{where}: it must be an object, as in a batch/v1 Job")
    return value


def _text(value: Any, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise BadRequest(f"{where}: it must be a text; put it in quotes")
    return value


def _texts(value: Any, environment: Mapping[str, str], where: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _MOST_ARGUMENTS:
        raise BadRequest(f"{where}: it must be a list of at most {_MOST_ARGUMENTS:,} texts")
    return [
        _expanded(_text(each, f"{where}[{place}]"), environment) for place, each in enumerate(value)
    ]


def _number(value: Any, usual: int, where: str) -> int:
    """Return a whole number, which templates may write as a text. Raises BadRequest."""
    if value is None:
        return usual
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or len(text) > 9:
        raise BadRequest(f"{where}: {text[:40]!r} is no whole number from 0 on")
    return int(text)
