"""Traces, where the operator wants them: what of OpenTelemetry's variables says so, and what is loaded then."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from towpath.telemetry import tracing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP: Final = "http/protobuf"
_CLOSE_SECONDS: Final = 3.0
_log = logging.getLogger(__name__)


def is_wanted(variables: Mapping[str, str]) -> bool:
    """Whether the environment says where traces go, and does not say that there are to be none."""
    if variables.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if variables.get("OTEL_TRACES_EXPORTER", "otlp") not in ("", "otlp"):
        return False
    protocol = next((variables[name] for name in _PROTOCOLS if variables.get(name)), _HTTP)
    if any(variables.get(name) for name in _ENDPOINTS) and protocol != _HTTP:
        _log.warning(
            "no traces are sent: OpenTelemetry is to speak %s, and Towpath speaks %s alone; set %s",
            protocol,
            _HTTP,
            _PROTOCOLS[0],
        )
        return False
    return any(variables.get(name) for name in _ENDPOINTS)


@asynccontextmanager
async def traced(*, wanted: bool) -> AsyncIterator[None]:
    """Have traces sent while the context lasts, if they are wanted. A server without the extra runs all the same, and says so."""
    if not wanted:
        yield
        return
    try:
        from towpath.telemetry.otel import OTelTracer
    except ImportError as error:
        _log.warning(
            "no traces are sent, though an OTEL_EXPORTER_OTLP variable says where to: %s; pip install 'towpath[otel]'",
            error,
        )
        yield
        return
    tracer = await asyncio.to_thread(OTelTracer.opened)
    tracing.begin(tracer)
    try:
        yield
    finally:
        tracing.begin(None)
        closing = asyncio.create_task(asyncio.to_thread(tracer.close))
        await asyncio.wait((closing,), timeout=_CLOSE_SECONDS)
