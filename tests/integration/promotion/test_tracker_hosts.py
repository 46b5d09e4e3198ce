"""Steps about trackers whose host DNS does not know: they wait a little, and say then what to correct, and where."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support import trackers
from tests.support.steps import told
from tests.support.trackers import SNOW_BASIC
from towpath.promotion.step import Errored, Succeeded, Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.trackers import JiraBench, SnowBench

MISTYPED: Final = "shop.atlasian.example"
TICKET: Final = {"credentials": SNOW_BASIC, "tableName": "change_request", "ticketId": "a" * 32}
STEPS: Final[dict[str, dict[str, Any]]] = {
    "snow-create": {
        "credentials": SNOW_BASIC,
        "tableName": "change_request",
        "parameters": {"short_description": "x"},
    },
    "snow-update": TICKET | {"parameters": {"state": "1"}},
    "snow-delete": TICKET,
    "snow-wait-for-condition": TICKET | {"condition": "state=1"},
    "snow-query-for-records": {
        "credentials": SNOW_BASIC,
        "tableName": "change_request",
        "query": {"state": "1"},
    },
}
STATUS: Final = {"issueKey": "SHOP-1", "expectedStatus": "Done"}


class Dns:
    """What DNS says of hosts that are not this machine."""

    def __init__(self) -> None:
        self.says = socket.EAI_NONAME
        self.asked = 0

    def look_up(self, host: str, *rest: Any, **more: Any) -> Any:
        """Fail, as `getaddrinfo` does."""
        if host in ("127.0.0.1", "localhost"):
            return _LOOK_UP(host, *rest, **more)
        self.asked += 1
        raise socket.gaierror(self.says, "as the test wants it")


_LOOK_UP = socket.getaddrinfo


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    """Stand in for DNS; no proxy is used."""
    made = Dns()
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
async def jira(tmp_path: Path) -> AsyncIterator[JiraBench]:
    """Return a Promotion beside a Jira."""
    async with trackers.jira(tmp_path) as made:
        yield made


@pytest.fixture
async def snow(tmp_path: Path) -> AsyncIterator[SnowBench]:
    """Return a Promotion beside a ServiceNow."""
    async with trackers.servicenow(tmp_path) as made:
        yield made


def mistype(bench: trackers.TrackerBench, key: str, host: str = MISTYPED) -> str:
    """Write another address into the Secret; return the one that was there."""
    values = dict(bench.secret.values or {})
    was, values[key] = values[key], f"https://{host}"
    bench.secret.values = values
    return was


@pytest.mark.parametrize("says", sorted({socket.EAI_NONAME, socket.EAI_NODATA}))
async def test_a_mistyped_domain_ends_the_step(jira: JiraBench, dns: Dns, says: int) -> None:
    """The fifth look in a row; the message names the Secret, its key, the host and the remedy."""
    dns.says = says
    mistype(jira, "domain")
    for _ in range(4):
        waiting = await jira.jira(waitForStatus=STATUS)
        assert isinstance(waiting, Waiting)
        assert waiting.again_seconds == 30.0
        assert "correct domain in Secret shop/tracker" in told(waiting)
    ended = await jira.jira(waitForStatus=STATUS)
    assert isinstance(ended, Errored)
    assert ended.final
    assert f"DNS knows no host {MISTYPED}" in told(ended)
    assert "correct domain in Secret shop/tracker" in told(ended)


@pytest.mark.parametrize("name", STEPS)
async def test_a_mistyped_instance_ends_the_step(snow: SnowBench, dns: Dns, name: str) -> None:
    """Each step about ServiceNow, on the fifth look."""
    mistype(snow, "instanceURL")
    outcomes = [await snow.run(name, STEPS[name]) for _ in range(5)]
    assert dns.asked
    assert [type(each) for each in outcomes] == [*[Waiting] * 4, Errored]
    assert f"DNS knows no host {MISTYPED}" in told(outcomes[-1])
    assert "correct instanceURL in Secret shop/tracker" in told(outcomes[-1])


async def test_dns_that_does_not_answer_is_waited_for(jira: JiraBench, dns: Dns) -> None:
    """Nobody knows whether the name is wrong."""
    dns.says = socket.EAI_AGAIN
    mistype(jira, "domain")
    for _ in range(12):
        assert isinstance(await jira.jira(waitForStatus=STATUS), Waiting)


async def test_only_looks_in_a_row_count(jira: JiraBench, dns: Dns) -> None:
    """An answer in between, or a server that is merely away, and it begins anew; what waits is found at the end."""
    issue = jira.site.issue("SHOP", "Login")
    right = mistype(jira, "domain")
    for between in ("answers", "is away", "limits", "answers"):
        for _ in range(4):
            assert isinstance(await jira.jira(waitForStatus=STATUS), Waiting)
        jira.secret.values = {**(jira.secret.values or {}), "domain": right}
        jira.server.faults.is_away = between == "is away"
        jira.server.faults.limited = 9 if between == "limits" else 0
        waiting = await jira.jira(waitForStatus=STATUS)
        assert isinstance(waiting, Waiting)
        assert ("To Do" in told(waiting)) == (between == "answers")
        jira.server.faults.is_away, jira.server.faults.limited = False, 0
        mistype(jira, "domain")
        await jira.clock.advance(60)
    jira.secret.values = {**(jira.secret.values or {}), "domain": right}
    jira.site.move(issue, "Done", "towpath")
    assert isinstance(await jira.jira(waitForStatus=STATUS), Succeeded)
    assert "looksForHost" not in jira.former
    assert dns.asked


async def test_a_proxy_whose_name_is_wrong_says_nothing_of_the_tracker(
    jira: JiraBench, dns: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Secret may be right: whoever runs the server has to mend it, and the step waits."""
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    mistype(jira, "domain")
    for _ in range(6):
        waiting = await jira.jira(waitForStatus=STATUS)
        assert isinstance(waiting, Waiting)
        assert "correct domain" not in told(waiting)
    assert dns.asked
