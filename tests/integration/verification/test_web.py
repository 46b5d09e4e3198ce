"""The provider `web`, against servers on loopback."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, JSON, as_json, login, standing, tokens
from towpath.errors import BadRequest, Timeout, TowpathError
from towpath.resources.analysis_template import WebMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.web import Web

if TYPE_CHECKING:
    from towpath.demo.loopback import Answer, Request

BODY: Final[dict[str, Any]] = {
    "data": {"ok": True, "rate": 0.25, "n": 3, "list": [1, 2]},
    "v": "<1>",
}


def _config(url: str, **more: Any) -> WebMetric:
    return view(WebMetric, {"url": f"{url}/metric"} | more)


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("{$.data.ok}", True, "true"),
        ("{$.data.rate}", 0.25, "0.25"),
        ("{$.data.n}", 3.0, "3"),
        ("{$.data.list}", [1.0, 2.0], "[1,2]"),
        ("{$.data.list[*]}", 1.0, "1"),
        ("{$.v}", "<1>", '"\\u003c1\\u003e"'),
        ("", None, '{"data":{"list":[1,2],"n":3,"ok":true,"rate":0.25},"v":"\\u003c1\\u003e"}'),
    ],
)
async def test_the_result_is_what_the_path_finds_first(path: str, value: Any, shown: str) -> None:
    """Numbers are floats; the recorded value is JSON as Go writes it."""
    with standing(lambda _: as_json(BODY)) as server:
        async with measuring(server.url) as context:
            found = await Web().measure(context, _config(server.url, jsonPath=path))
    assert isinstance(found, Measured)
    assert found.shown == shown
    if path:
        assert (found.value, type(found.value)) == (value, type(value))


@pytest.mark.parametrize("body", [b"all is well", b"<p>no</p>", b"NaN", b"", b'{"a": 1'])
async def test_what_is_no_json_is_the_text(body: bytes) -> None:
    """Whatever the path is, and whatever the answer says of itself."""
    with standing(lambda _: (200, JSON, body)) as server:
        async with measuring(server.url) as context:
            found = await Web().measure(context, _config(server.url, jsonPath="{$.a}"))
    assert isinstance(found, Measured)
    assert (found.value, found.shown) == (body.decode(), body.decode())


async def test_a_body_is_sent_as_text_or_as_json() -> None:
    """Headers are those of the template; JSON brings its content type."""
    with standing(lambda _: (201, {}, b"1")) as server:
        async with measuring(server.url) as context:
            given = [{"key": "X-Who", "value": "me"}, {"key": "content-type", "value": "text/x"}]
            more: dict[str, Any] = {"method": "POST", "headers": given}
            await Web().measure(context, _config(server.url, body="a=1", **more))
            await Web().measure(context, _config(server.url, jsonBody={"a": [1]}, **more))
            await Web().measure(context, _config(server.url, method="PUT"))
    plain, as_json_, put = server.asked
    assert (plain.method, plain.body, plain.headers["X-Who"]) == ("POST", b"a=1", "me")
    assert plain.headers["content-type"] == "text/x"
    assert (as_json_.body, as_json_.headers["Content-Type"]) == (b'{"a":[1]}', "application/json")
    assert (put.method, put.body) == ("PUT", b"")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"body": "a"}, "method POST or PUT"),
        ({"jsonBody": {}, "method": "GET"}, "method POST or PUT"),
        ({"body": "a", "jsonBody": {}, "method": "POST"}, "not both"),
        ({"jsonPath": "{.a"}, "no closing brace"),
        ({"timeoutSeconds": "soon"}, r"web\.timeoutSeconds: 'soon' is no number of seconds"),
        ({"timeoutSeconds": 301}, "from 1 to 300"),
        ({"authentication": {"oauth2": {"tokenUrl": "http://x"}}}, "clientId and clientSecret"),
        ({"authentication": {"basicAuth": {"username": "a:b", "password": "c"}}}, "holds a colon"),
    ],
)
async def test_what_contradicts_itself_is_told_before_anything_is_sent(
    more: dict[str, Any], said: str
) -> None:
    """What contradicts itself is told before anything is sent."""
    with standing(lambda _: as_json(BODY)) as server:
        async with measuring(server.url) as context:
            with pytest.raises(BadRequest, match=said):
                await Web().measure(context, _config(server.url, **more))
        assert server.asked == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """A fault is an error that says what came; nothing of the query is in it, which may be secret."""
    answer, said = FAULTS[fault]
    with standing(lambda _: as_json(BODY)) as server:
        server.fault = answer
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError) as caught:
                await Web().measure(context, view(WebMetric, {"url": f"{server.url}/m?key=s3cret"}))
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message
    assert "s3cret" not in caught.value.message


async def test_a_server_that_says_nothing_is_waited_for_so_long() -> None:
    """A server that says nothing is waited for so long."""
    with standing(lambda _: as_json(BODY)) as server:
        server.holds = True
        async with measuring(server.url) as context:
            with pytest.raises(Timeout, match=r"no answer within 0\.05 s"):
                await Web().measure(context, _config(server.url, timeoutSeconds="0.05"))


async def test_a_path_that_finds_nothing_is_an_error() -> None:
    """A path that finds nothing is an error."""
    with standing(lambda _: as_json({"data": []})) as server:
        async with measuring(server.url) as context:
            for path, said in (("{$.data[*]}", "finds nothing"), ("{$.x}", "x is not found")):
                with pytest.raises(TowpathError, match=f"GET .*/metric: .*{said}"):
                    await Web().measure(context, _config(server.url, jsonPath=path))


async def test_a_large_answer_is_read_all_the_same() -> None:
    """In a process of its own."""
    with standing(lambda _: as_json({"pad": ["x" * 1000] * 1500, "ok": 1})) as server:
        async with measuring(server.url) as context:
            found = await Web().measure(context, _config(server.url, jsonPath="{$.ok}"))
            with pytest.raises(TowpathError, match=r"GET .*/metric: .*nope is not found"):
                await Web().measure(context, _config(server.url, jsonPath="{$.nope}"))
    assert isinstance(found, Measured)
    assert found.value == 1


async def test_who_asks_is_told_by_basic_authentication() -> None:
    """Who asks is told by basic authentication."""

    def respond(request: Request) -> Answer:
        assert login(request) == ("me", "pä:ss")
        return as_json(1)

    with standing(respond) as server:
        async with measuring(server.url) as context:
            given = {"basicAuth": {"username": "me", "password": "pä:ss"}}
            await Web().measure(context, _config(server.url, authentication=given))


@pytest.mark.parametrize("by_form", [False, True])
async def test_who_asks_is_told_by_a_token(by_form: bool) -> None:
    """By the form where the server of tokens does not take basic, as Go's client does."""

    def respond(request: Request) -> Answer:
        assert request.headers["Authorization"] == "Bearer t-read write"
        return as_json(1)

    with standing(respond) as server, standing(tokens("me", "pass", by_form=by_form)) as issuer:
        given = {
            "tokenUrl": f"{issuer.url}/token",
            "clientId": "me",
            "clientSecret": "pass",
            "scopes": ["read", "write"],
        }
        async with measuring(server.url, issuer.url) as context:
            await Web().measure(context, _config(server.url, authentication={"oauth2": given}))
    assert len(issuer.asked) == 1 + by_form


async def test_a_refused_client_is_told_without_its_secret() -> None:
    """Also where the server of tokens repeats it."""
    with standing(lambda _: as_json(1)) as server, standing(tokens("me", "right")) as issuer:
        given = {"tokenUrl": issuer.url, "clientId": "me", "clientSecret": "wr0ng"}
        async with measuring(server.url, issuer.url) as context:
            with pytest.raises(TowpathError) as caught:
                await Web().measure(context, _config(server.url, authentication={"oauth2": given}))
        assert server.asked == []
    assert "no token for the request: POST" in caught.value.message
    assert "(invalid_client)" in caught.value.message
    assert "wr0ng" not in caught.value.message


@pytest.mark.parametrize(
    "body", [b"<p>Log in</p>", b"{}", b'{"access_token": 1}', b'{"access_token":"a\\nb"}']
)
async def test_a_server_of_tokens_that_gives_none_is_named(body: bytes) -> None:
    """A server of tokens that gives none is named."""
    with standing(lambda _: (200, JSON, body)) as issuer:
        given = {"tokenUrl": issuer.url, "clientId": "me", "clientSecret": "x"}
        async with measuring(issuer.url) as context:
            with pytest.raises(TowpathError, match="no token for the request: POST"):
                await Web().measure(context, _config(issuer.url, authentication={"oauth2": given}))
    assert len(issuer.asked) == 1


async def test_a_token_is_told_to_the_run_before_anybody_can_repeat_it() -> None:
    """What the run says is masked by it: servers quote the tokens that they refuse."""
    told: list[str] = []
    with standing(lambda _: (403, {}, b"no")) as server, standing(tokens("me", "pass")) as issuer:
        given = {"tokenUrl": issuer.url, "clientId": "me", "clientSecret": "pass"}
        async with measuring(server.url, issuer.url) as context:
            confided = replace(context, confide=told.append)
            with pytest.raises(TowpathError):
                await Web().measure(confided, _config(server.url, authentication={"oauth2": given}))
    assert [f"Bearer {each}" for each in told] == [
        each.headers["Authorization"] for each in server.asked
    ]
