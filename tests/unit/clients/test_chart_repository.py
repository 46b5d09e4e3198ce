"""What is asked of a chart repository, and to whom its credential is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from towpath import errors
from towpath.clients.helm.repository import ChartCredential, ChartRepository
from towpath.clients.http import Egress, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CREDENTIAL = ChartCredential(username="u", password="hidden", source="Secret shop/charts")


class _Recorder:
    """Notes requests, and answers all of them the same."""

    def __init__(self, status: int = 200) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._status = status

    async def request(
        self, method: str, url: str, *, headers: dict[str, str], **_: Any
    ) -> Response:
        """Note one."""
        assert method == "GET"
        self.asked.append((url, headers))
        return Response(self._status, {}, b"", url)


@pytest.mark.parametrize(
    ("repository", "url", "there", "is_shown"),
    [
        ("https://charts.example/a", "x.tgz", "https://charts.example/a/x.tgz", True),
        ("https://charts.example/a/", "b/x.tgz", "https://charts.example/a/b/x.tgz", True),
        ("https://charts.example/a", "/x.tgz", "https://charts.example/x.tgz", True),
        (
            "https://charts.example/a?token=1",
            "x.tgz",
            "https://charts.example/a/x.tgz?token=1",
            True,
        ),
        (
            "https://charts.example",
            "https://charts.example:443/x",
            "https://charts.example:443/x",
            True,
        ),
        (
            "https://charts.example",
            "https://charts.example:8443/x",
            "https://charts.example:8443/x",
            False,
        ),
        ("https://charts.example", "https://cdn.example/x", "https://cdn.example/x", False),
        ("https://charts.example", "//cdn.example/x", "https://cdn.example/x", False),
        (
            "https://charts.example",
            "https://charts.example.evil/x",
            "https://charts.example.evil/x",
            False,
        ),
    ],
)
async def test_the_credential_is_shown_to_the_repository_alone(
    repository: str, url: str, there: str, is_shown: bool
) -> None:
    """Scheme, host and port decide."""
    recorder = _Recorder()
    opened = ChartRepository(cast("Egress", recorder), repository, CREDENTIAL)
    await opened.archive(url)
    ((asked, headers),) = recorder.asked
    assert asked == there
    assert ("Authorization" in headers) is is_shown
    assert "hidden" not in repr(opened)


@pytest.mark.parametrize(
    "url", ["http://charts.example/x.tgz", "ftp://charts.example/x", "https://a b/"]
)
async def test_an_index_leads_to_nothing_unencrypted(url: str) -> None:
    """From an encrypted repository."""
    opened = ChartRepository(cast("Egress", _Recorder()), "https://charts.example", CREDENTIAL)
    with pytest.raises((errors.Forbidden, errors.BadRequest)):
        await opened.archive(url)


async def _nowhere(pieces: AsyncIterator[bytes]) -> None:
    del pieces


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (401, errors.Forbidden, "check the credential in Secret shop/charts"),
        (403, errors.Forbidden, "check the credential"),
        (404, errors.NotFound, "check the repository's address"),
        (429, errors.TooManyRequests, "rate limit"),
        (500, errors.Unavailable, "answered 500"),
    ],
)
async def test_an_answer_that_is_none_is_told(
    status: int, error: type[errors.TowpathError], said: str
) -> None:
    """With what helps."""
    opened = ChartRepository(
        cast("Egress", _Recorder(status)), "https://charts.example", CREDENTIAL
    )
    with pytest.raises(error, match=said):
        await opened.index_into(_nowhere)
