"""Where a server is, and by which proxy it is reached."""

from __future__ import annotations

import pytest

from tests.unit.cli import fake_api
from towpath import errors
from towpath.sdk.addresses import Proxy, proxy_for, server_address
from towpath.sdk.awaited_transport import AwaitedTransport
from towpath.sdk.call import ApiCall
from towpath.sdk.transport import Transport

PROXY = {"HTTP_PROXY": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("server", "environment", "is_used"),
    [
        ("http://towpath.example", PROXY, True),
        ("http://towpath.example", {"http_proxy": "proxy.example:3128"}, True),
        ("http://towpath.example", {"ALL_PROXY": "http://proxy.example:3128"}, True),
        ("https://towpath.example", PROXY, False),
        ("https://towpath.example", {"HTTPS_PROXY": "http://proxy.example:3128"}, True),
        ("http://127.0.0.1:8080", PROXY, False),
        ("http://[::1]:8080", PROXY, False),
        ("http://localhost", PROXY, False),
        ("http://towpath.example", PROXY | {"NO_PROXY": "*"}, False),
        ("http://towpath.example", PROXY | {"NO_PROXY": "other.example, towpath.example"}, False),
        ("http://a.towpath.example", PROXY | {"NO_PROXY": "towpath.example"}, False),
        ("http://a.towpath.example", PROXY | {"no_proxy": ".towpath.example"}, False),
        ("http://mytowpath.example", PROXY | {"NO_PROXY": "towpath.example"}, True),
        ("http://towpath.example:81", PROXY | {"NO_PROXY": "towpath.example:80"}, True),
        ("http://towpath.example", PROXY | {"NO_PROXY": "towpath.example:80"}, False),
        ("http://10.1.2.3", PROXY | {"NO_PROXY": "10.0.0.0/8"}, False),
        ("http://11.1.2.3", PROXY | {"NO_PROXY": "10.0.0.0/8"}, True),
        ("http://towpath.example", PROXY | {"NO_PROXY": ",,"}, True),
    ],
)
def test_the_proxy_that_the_environment_names(
    server: str, environment: dict[str, str], is_used: bool
) -> None:
    """As curl and Go's programs read it; this machine is never asked by a proxy."""
    found = proxy_for(server_address(server), environment)
    assert found == (Proxy(host="proxy.example", port=3128) if is_used else None)


@pytest.mark.parametrize("proxy", ["socks5://x:1", "http://", "http://x:y"])
def test_proxies_that_cannot_be_used(proxy: str) -> None:
    """The variable is named, its value, which may hold a password, is not."""
    with pytest.raises(errors.BadRequest, match="HTTP_PROXY") as caught:
        proxy_for(server_address("http://towpath.example"), {"HTTP_PROXY": proxy})
    assert "x" not in caught.value.message.partition("such as")[0].replace("proxy", "")


async def test_requests_go_by_the_proxy() -> None:
    """It is given the whole address, and its own password; both transports do so."""
    call: ApiCall[object] = ApiCall(method="GET", path="/there", read=lambda answer: answer)
    with fake_api.running() as proxy:
        proxy.answer("GET", "/there", {"by": "proxy"})
        host = proxy.address.removeprefix("http://")
        environment = {"HTTP_PROXY": f"http://me:se%63ret@{host}"}
        server = "http://towpath.invalid"
        waited = Transport(server, fake_api.TOKEN, environment=environment)
        assert waited.perform(call) == {"by": "proxy"}
        awaited = AwaitedTransport(server, fake_api.TOKEN, environment=environment)
        assert await awaited.perform(call) == {"by": "proxy"}
        await awaited.close()
        assert [each.headers["Proxy-Authorization"] for each in proxy.asked] == [
            "Basic bWU6c2VjcmV0"
        ] * 2
        assert [each.headers["Host"] for each in proxy.asked] == ["towpath.invalid"] * 2
