"""Spans as OpenTelemetry has them, sent by OTLP over HTTP: needs `towpath[otel]`, imported by whoever has traces switched on.

Where they go, how many of them and under which name is read from the `OTEL_*` variables by OpenTelemetry itself.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from towpath import __version__, telemetry
from towpath.masking import mask_log_line
from towpath.messages import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from towpath.telemetry.tracing import Kind

_LONGEST: Final = 256
"""Bytes of a text that is noted."""
_KINDS: Final = {
    "server": trace.SpanKind.SERVER,
    "client": trace.SpanKind.CLIENT,
    "internal": trace.SpanKind.INTERNAL,
}
_ids: ContextVar[tuple[int, int] | None] = ContextVar("towpath_span_ids", default=None)


class OTelTracer:
    """Keeps spans, and has a thread send them; what cannot be sent in time is dropped. Use `opened`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("towpath", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @classmethod
    def opened(cls) -> OTelTracer:
        """Return one that sends where the environment says."""
        # Of the environment alone: what else describes a process is its command line, which is nobody's business.
        own = Resource({"service.name": "towpath", SERVICE_VERSION: __version__})
        provider = TracerProvider(
            resource=own.merge(OTELResourceDetector().detect()),
            id_generator=_Ids(),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def close(self) -> None:
        """Send what is left, for some seconds at most; blocks."""
        self._provider.shutdown()

    @contextmanager
    def span(
        self, name: str, kind: Kind, parent: Mapping[str, str] | None, part_of: str
    ) -> Iterator[NotedSpan]:
        """See `tracing.span`."""
        context = None
        if part_of:
            context = self._of(part_of, name)
        elif parent is not None:
            context = self._propagator.extract(dict(parent), Context())
        with (
            self._tracer.start_as_current_span(
                name,
                context,
                _KINDS[kind],
                record_exception=False,  # its message may say what nobody is to read
                set_status_on_exception=False,
            ) as found,
            telemetry.about(trace=trace.format_trace_id(found.get_span_context().trace_id)),
        ):
            noted = NotedSpan(found)
            try:
                yield noted
            except BaseException as error:
                noted.fail(type(error).__name__)
                raise

    @contextmanager
    def whole(self, uid: str, name: str, began: datetime, ended: datetime) -> Iterator[NotedSpan]:
        """See `tracing.whole`."""
        token = _ids.set(_derived(uid))
        try:
            found = self._tracer.start_span(name, Context(), start_time=_nanoseconds(began))
        finally:
            _ids.reset(token)
        try:
            yield NotedSpan(found)
        finally:
            found.end(_nanoseconds(ended))

    def outgoing(self) -> Mapping[str, str]:
        """See `tracing.outgoing`."""
        headers: dict[str, str] = {}
        if trace.get_current_span().get_span_context().is_valid:
            self._propagator.inject(headers)
        return headers

    def _of(self, uid: str, name: str) -> Context:
        trace_id, span_id = _derived(uid)
        decision = self._provider.sampler.should_sample(Context(), trace_id, name).decision
        is_sampled = decision is Decision.RECORD_AND_SAMPLE
        flags = trace.TraceFlags(
            trace.TraceFlags.SAMPLED if is_sampled else trace.TraceFlags.DEFAULT
        )
        parent = trace.SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)
        return trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())


class NotedSpan:
    """A span under way."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def name(self, name: str) -> None:
        """See `tracing.TracedSpan.name`."""
        self._span.update_name(name)

    def note(self, **facts: str | int) -> None:
        """See `tracing.TracedSpan.note`."""
        for key, value in facts.items():
            shown = cut(mask_log_line(value), _LONGEST) if isinstance(value, str) else value
            self._span.set_attribute(
                key.replace("__", "\0").replace("_", ".").replace("\0", "_"), shown
            )

    def fail(self, what: str) -> None:
        """See `tracing.TracedSpan.fail`."""
        self._span.set_status(trace.Status(trace.StatusCode.ERROR))
        self.note(error_type=what)


class _Ids(RandomIdGenerator):
    """Ids at random, but for the span that the spans of an object belong to."""

    def generate_trace_id(self) -> int:
        given = _ids.get()
        return super().generate_trace_id() if given is None else given[0]

    def generate_span_id(self) -> int:
        given = _ids.get()
        return super().generate_span_id() if given is None else given[1]


def _derived(uid: str) -> tuple[int, int]:
    """Return the ids of the trace of an object and of the span that is all of it, which nobody has to remember."""
    made = uuid.uuid5(uuid.NAMESPACE_URL, f"towpath:{uid}").int
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"towpath:{uid}:whole").int
    return made, (own >> 64) or 1


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1e9)
