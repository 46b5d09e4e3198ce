"""What tests in several folders need."""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from towpath import telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Catch what the process logs, as the operator reads it."""
    written = io.StringIO()
    logger = logging.getLogger("towpath")
    before = (logger.handlers[:], logger.level, logger.propagate)
    monkeypatch.setattr(sys, "stderr", written)
    telemetry.configure(level="DEBUG")
    yield written
    logger.handlers[:], logger.level, logger.propagate = before
