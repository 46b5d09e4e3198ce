"""What a server says of when it is to be asked again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from towpath.clients.http.limits import retry_after

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 99999999999999999999:00:00 GMT", None),
    ],
)
def test_when_to_ask_again(value: str | None, seconds: float | None) -> None:
    """Seconds or a moment; what is neither, whatever its numbers, says nothing."""
    assert retry_after(value, NOW) == seconds
