"""`http`: sends a request, and decides by the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.errors import BadRequest, Forbidden
from towpath.expressions.budget import Heavy
from towpath.promotion.effects.http import READING, HttpRequest
from towpath.promotion.http_answer import AnswerVerdict, Criteria, Judgement, judge
from towpath.promotion.http_fields import DURATION, HttpHeader, HttpQueryParam, pairs, seconds
from towpath.promotion.step import BaseStep, Errored, Failed, Succeeded, Waiting
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule
from towpath.runtime.aside import LIGHT

if TYPE_CHECKING:
    from towpath.promotion.effects.http import HttpResponse
    from towpath.promotion.step import Outcome, StepContext

_BODY_BYTES: Final = 2 << 20
_CPU_SECONDS: Final = 20.0
_TIMEOUT_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 30.0


class HttpOutput(Struct, kw_only=True):
    """One value to put out."""

    name: Annotated[str, Field("Under which name it is put out.", min_length=1)]
    from_expression: Annotated[
        str, Field("The expression of the value, which sees `response`.", min_length=1)
    ]


class HttpConfig(Struct, kw_only=True):
    """What to send, and what the answer means."""

    RULES: ClassVar = (
        Rule(
            expression="!(has(self.body) && self.body != '' && has(self.bodyFromFile) && self.bodyFromFile != '')",
            message="body and bodyFromFile exclude each other",
            holds=lambda config, _: not (config.get("body") and config.get("bodyFromFile")),
        ),
    )

    url: Annotated[str, Field("Where to send it.", min_length=1)]
    method: Annotated[
        str | None,
        Field("GET where it is not given.", pattern="^(DELETE|GET|HEAD|PATCH|POST|PUT)$"),
    ] = None
    headers: Annotated[list[HttpHeader] | None, Field("Its headers.")] = None
    query_params: Annotated[
        list[HttpQueryParam] | None, Field("Parameters, added to those of the URL.")
    ] = None
    body: Annotated[str | None, Field("Its body.")] = None
    body_from_file: Annotated[
        str | None,
        Field("A file of the work directory that is its body, at most 2 MiB.", min_length=1),
    ] = None
    insecure_skip_tls_verify: Annotated[bool | None, Field("Whether any certificate will do.")] = (
        None
    )
    proxy: Annotated[str | None, Field("A proxy to send it through.", pattern="^https?://.*$")] = (
        None
    )
    timeout: Annotated[
        str | None, Field("How long one request may take; 10s.", pattern=DURATION)
    ] = None
    poll_interval: Annotated[
        str | None,
        Field(
            "When to ask again while neither criterion is met; 30s, at least 10s.", pattern=DURATION
        ),
    ] = None
    response_content_type: Annotated[
        str | None,
        Field(
            "What the answer's body is taken for, whatever the answer says.",
            pattern="^(application/json|application/yaml|text/plain)$",
        ),
    ] = None
    success_expression: Annotated[
        str | None, Field("Whether the answer means success; it sees `response`.")
    ] = None
    failure_expression: Annotated[
        str | None, Field("Whether the answer means failure; it sees `response`.")
    ] = None
    error_expression: Annotated[
        str | None, Field("What the answer says is wrong; it sees `response`.")
    ] = None
    outputs: Annotated[list[HttpOutput] | None, Field("What to put out of the answer.")] = None


class Http(BaseStep):
    """Sends a request."""

    name: ClassVar[str] = "http"
    config: ClassVar[type[Struct]] = HttpConfig
    uses_directory: ClassVar[bool | tuple[str, ...]] = ("bodyFromFile",)

    async def run(self, context: StepContext, config: HttpConfig) -> Outcome:
        """Send it, and judge the answer. What cannot get better by another try is said before anything is sent."""
        criteria = Criteria(
            success=config.success_expression or "",
            failure=config.failure_expression or "",
            error=config.error_expression or "",
            outputs=[(each.name, each.from_expression) for each in config.outputs or ()],
            content_type=config.response_content_type or "",
        )
        problem = await context.aside.run(
            Criteria.problem,
            criteria,
            weight=criteria.weight,
            what="the expressions of the step: reading them",
            caller=context.project,
            seconds=_CPU_SECONDS,
        )
        if problem:
            return Errored(message=problem, final=True)
        try:
            again = seconds("pollInterval", config.poll_interval, _POLL_SECONDS)
            patience = seconds("timeout", config.timeout, _TIMEOUT_SECONDS)
        except BadRequest as error:
            return Errored(message=error.message, final=True)
        request = HttpRequest(
            url=config.url,
            method=config.method or "GET",
            headers=pairs(config.headers),
            query=pairs(config.query_params),
            body=await _body(context, config),
            seconds=patience,
            most_bytes=_BODY_BYTES,
            insecure=bool(config.insecure_skip_tls_verify),
            proxy=config.proxy or "",
        )
        door = context.effects.http
        try:
            answer = await (door.read if request.method in READING else door.send)(request)
        except (BadRequest, Forbidden) as error:
            return Errored(message=error.message, final=True)
        found = await _judged(context, answer, criteria)
        told = f"{request.method}: HTTP {answer.status}"
        if answer.is_repeated:
            told += "; it may have been sent before, the server ended in between"
        match found.kind:
            case AnswerVerdict.SUCCESS:
                return Succeeded(output=found.output or None, message=told)
            case AnswerVerdict.FAILURE:
                return Failed(message=found.message)
            case AnswerVerdict.REFUSAL:
                return Failed(message=found.message, retry=True)
            case AnswerVerdict.NEITHER:
                return Waiting(
                    waiting_for=f"{told}, which meets neither successExpression nor failureExpression",
                    again_seconds=again,
                )


async def _body(context: StepContext, config: HttpConfig) -> bytes | None:
    if config.body_from_file:
        return await context.directory.read(config.body_from_file, most_bytes=_BODY_BYTES)
    return config.body.encode() if config.body else None


async def _judged(context: StepContext, answer: HttpResponse, criteria: Criteria) -> Judgement:
    async def run(weight: int) -> Judgement:
        return await context.aside.run(
            judge,
            answer.status,
            answer.headers,
            answer.body,
            criteria,
            context.started,
            weight <= LIGHT,
            weight=weight,
            what="the answer of the server: judging it",
            caller=context.project,
            seconds=_CPU_SECONDS,
        )

    try:
        return await run(len(answer.body) + criteria.weight)
    except Heavy:
        return await run(LIGHT + 1)
