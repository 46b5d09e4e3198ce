"""What kubectl 1.29 to 1.33 asked when it was recorded, asked again."""

from __future__ import annotations

import pytest

from tests.support import replaying
from tools.oracle import servers


@pytest.mark.parametrize("version", replaying.versions())
async def test_every_request_of_a_version_is_answered_as_recorded(version: str) -> None:
    """Status, media type, kind and shape of each answer are those that kubectl was content with."""
    with servers.towpath() as server:
        async with server.client() as client:
            wrong = await replaying.replay(client, replaying.recorded(version))
    assert not wrong, "\n".join(map(str, wrong))


def test_there_are_recordings_of_every_supported_version() -> None:
    """The versions promised are 1.29 to 1.33."""
    assert replaying.versions() == ["1.29", "1.30", "1.31", "1.32", "1.33"]
