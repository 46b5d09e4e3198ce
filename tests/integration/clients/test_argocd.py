"""Both ways to Argo CD against a server on loopback that answers as it is told."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.argocd_answers import (
    DEEP,
    Asked,
    Scripted,
    Stream,
    application,
    listed,
    scripted,
)
from tests.support.argocd_ways import kubernetes, rest, taken
from towpath import errors
from towpath.app import certificates
from towpath.clients.argocd import EventKind, opening, reading
from towpath.clients.argocd.opening import ConnectionSurroundings
from towpath.clients.argocd.server_access import Bearer, ServerAccess, TlsAccess
from towpath.clock import SystemClock, VirtualClock, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.argocd_answers import Answer

APPS = "/apis/argoproj.io/v1alpha1/applications"
AHEAD = {
    "kind": "Status",
    "code": 504,
    "message": "not yet",
    "details": {"causes": [{"reason": "ResourceVersionTooLarge"}]},
}
ONE = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web"


def by_path(answers: dict[str, Answer | Callable[[Asked], Answer]]) -> Callable[[Asked], Answer]:
    """Answer by method and path."""

    def answer(asked: Asked) -> Answer:
        found = answers.get(asked.line, (404, {"message": "not found"}))
        return found(asked) if callable(found) else found

    return answer


# Kubernetes


async def test_an_application_is_read_with_the_token() -> None:
    """One that is not there is None."""
    async with scripted() as server, kubernetes(server) as api:
        server.answer = by_path({f"GET {ONE}": (200, application("web"))})
        assert (await api.get("argocd", "web") or {})["metadata"]["name"] == "web"
        assert await api.get("argocd", "gone") is None
        assert server.asked[0].headers["authorization"] == "Bearer tok-secret"


async def test_a_patch_is_a_merge_patch_of_one_version() -> None:
    """Another version is a conflict."""
    patch = {"metadata": {"resourceVersion": "7"}, "operation": {"sync": {}}}
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (200, application("web", 8))
        assert (await api.patch("argocd", "web", patch))["metadata"]["resourceVersion"] == "8"
        asked = server.asked[-1]
        assert (asked.line, asked.body) == (f"PATCH {ONE}", patch)
        assert asked.headers["content-type"] == "application/merge-patch+json"
        server.answer = lambda _: (409, {"kind": "Status", "message": "has been modified"})
        with pytest.raises(
            errors.Conflict,
            match=r"patch of Application argocd/web: answered 409 .has been modified",
        ):
            await api.patch("argocd", "web", patch)


@pytest.mark.parametrize(
    ("status", "error", "remedy"),
    [
        (401, errors.Unauthenticated, r"renew it \(kubeconfig k\)"),
        (403, errors.Forbidden, "deploy/argocd/kubernetes.yaml"),
        (429, errors.TooManyRequests, "asked again later"),
        (500, errors.Unavailable, "answered 500"),
        (413, errors.TooLarge, "answered 413"),
        (422, errors.BadRequest, "answered 422"),
    ],
)
async def test_a_refusal_says_what_helps(
    status: int, error: type[errors.TowpathError], remedy: str
) -> None:
    """The connection, the Application, the cause, the remedy; and no token, should the server repeat it."""
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (
            status,
            {"kind": "Status", "code": status, "message": "no: tok-secret"},
        )
        with pytest.raises(error, match=remedy) as caught:
            await api.patch("argocd", "web", {})
    assert str(caught.value).startswith(
        "Argo CD connection prod: patch of Application argocd/web: "
    )
    assert "tok-secret" not in str(caught.value)


async def test_a_server_that_is_not_there_and_one_that_is_no_kubernetes() -> None:
    """Each says which address to check."""
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (200, b"<html>login</html>")
        with pytest.raises(errors.Unavailable, match="no JSON that can be read; check the address"):
            await api.get("argocd", "web")
    gone = Scripted(url="http://127.0.0.1:1")
    async with kubernetes(gone) as api:
        with pytest.raises(errors.Unavailable, match=r"cannot be reached.*kubeconfig k"):
            await api.get("argocd", "web")


async def test_this_machine_is_reached_only_where_the_operator_says_so() -> None:
    """An address out of a Secret leads elsewhere or nowhere."""
    async with scripted() as server:
        access = ServerAccess(server=server.url, source="Secret s")
        async with opening.by_kubernetes(
            "prod", access, ConnectionSurroundings(clock=SystemClock())
        ) as opened:
            with pytest.raises(errors.Forbidden, match="it is this machine"):
                await opened.api.get("argocd", "web")
        assert not server.asked


async def test_a_token_from_a_file_that_is_refused_is_read_again(tmp_path: Path) -> None:
    """It may have been renewed a moment ago."""
    file = tmp_path / "token"
    file.write_text("old")

    def answer(asked: Asked) -> Answer:
        if asked.headers["authorization"] == "Bearer old":
            file.write_text("new")
            return 401, {"kind": "Status", "message": "expired"}
        return 200, application("web")

    async with scripted() as server, kubernetes(server, bearer=Bearer(token_file=file)) as api:
        server.answer = answer
        assert await api.get("argocd", "web") is not None
        assert [each.headers["authorization"] for each in server.asked] == [
            "Bearer old",
            "Bearer new",
        ]


async def test_tls_trusts_the_authority_that_is_named(tmp_path: Path) -> None:
    """None but it, under the name in the certificate; `insecure` trusts anybody, and only where it is said."""
    files = certificates.prepare(tmp_path, ["server.test"], now=datetime.now(UTC))
    assert files.authority is not None
    authority = files.authority.read_bytes()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.authority)
    context.load_cert_chain(files.certificate, files.key)
    async with scripted(context) as server:
        server.answer = lambda _: (200, application("web"))
        for tls in (
            TlsAccess(authority=authority),
            TlsAccess(authority=authority, server_name="server.test"),
            TlsAccess(insecure=True),
        ):
            async with kubernetes(server, tls=tls) as api:
                assert await api.get("argocd", "web") is not None
        for tls in (TlsAccess(), TlsAccess(authority=authority, server_name="other.test")):
            async with kubernetes(server, tls=tls) as api:
                with pytest.raises(
                    errors.Unavailable, match=r"TLS: .*name the authority.*kubeconfig k"
                ):
                    await api.get("argocd", "web")


def client_certificate() -> tuple[bytes, bytes]:
    """Return a certificate that stands for a client, by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "towpath")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1)
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM), key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


async def test_a_client_certificate_is_shown(tmp_path: Path) -> None:
    """To a server that lets nobody else in; what is no key is named, and no file stays behind."""
    files = certificates.prepare(tmp_path, ["127.0.0.1"], now=datetime.now(UTC))
    assert files.authority is not None
    certificate, key = client_certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.load_verify_locations(cadata=certificate.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    authority = files.authority.read_bytes()
    async with scripted(context) as server:
        server.answer = lambda _: (200, application("web"))
        right = TlsAccess(authority=authority, certificate=certificate, key=key)
        async with kubernetes(server, tls=right) as api:
            assert await api.get("argocd", "web") is not None
        wrong = TlsAccess(authority=authority, certificate=certificate, key=b"no key")
        with pytest.raises(
            errors.BadRequest, match="kubeconfig k: client certificate and key cannot be used"
        ):
            async with kubernetes(server, tls=wrong):
                pass
        async with kubernetes(server, tls=TlsAccess(authority=authority)) as api:
            with pytest.raises(errors.Unavailable):
                await api.get("argocd", "web")
    assert not list(Path(tempfile.gettempdir()).glob("towpath-tls-*"))


async def test_a_list_comes_in_pages() -> None:
    """Ordered by name, whatever the order of the pages."""

    def answer(asked: Asked) -> Answer:
        if asked.query.get("continue") == "more":
            return 200, listed(application("a"), application("c"))
        return 200, listed(application("b"), going_on="more")

    async with scripted() as server, kubernetes(server) as api:
        server.answer = answer
        found = await api.find("argocd", "tier=web")
        assert [each["metadata"]["name"] for each in found] == ["a", "b", "c"]
        assert {each.query["labelSelector"] for each in server.asked} == {"tier=web"}


async def test_lists_that_never_end_and_that_are_too_large_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By whatever answers there."""
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (200, listed(application("a"), going_on="more"))
        with pytest.raises(errors.Unavailable, match="lead in a circle"):
            await api.find("argocd", "")
        turns = itertools.count()
        server.answer = lambda _: (200, listed(going_on=f"another {next(turns)}"))
        with pytest.raises(errors.Unavailable, match="lead in a circle"):
            await api.find("argocd", "")
        monkeypatch.setattr(reading, "_MOST_GATHERED", 5_000)
        server.answer = lambda _: (200, b'{"items":[' + b"{}," * 100 + b'{}],"metadata":{}}')
        with pytest.raises(errors.TooLarge, match="a narrower selector"):
            await api.find("argocd", "")
        monkeypatch.setattr(reading, "_MOST_GATHERED", 500)
        server.answer = lambda _: (200, listed(application("a"), application("b")))
        with pytest.raises(errors.TooLarge, match="a narrower selector"):
            await api.find("argocd", "")


@pytest.mark.parametrize("name", ["..", ".", "", "../../../../api/v1/secrets", "a%2fb"])
async def test_a_name_leads_to_no_other_object(name: str) -> None:
    """Whoever writes a step names Applications and namespaces; servers decode a path before they tidy it up."""
    async with scripted() as server:
        server.answer = lambda _: (200, application("web"))
        async with kubernetes(server) as api, rest(server) as other:
            for way in (api, other):
                with pytest.raises(errors.Invalid, match="is no name or namespace"):
                    await way.get("argocd", name)
                with pytest.raises(errors.Invalid, match="is no name or namespace"):
                    await way.patch("argocd", name, {"operation": None})
            with pytest.raises(errors.Invalid, match="is no name or namespace"):
                await api.find(name, "")
            assert server.asked == []


async def test_a_token_that_the_server_repeats_is_told_to_nobody() -> None:
    """Why a watch broke off stands in the status of the connection and in messages of Stages."""
    said = {"code": 500, "message": "Bearer tok-secret is not welcome"}
    for opened, line in (
        (kubernetes, {"type": "ERROR", "object": said}),
        (rest, {"error": said}),
    ):
        stream = Stream(line)
        stream.end()

        def answer(asked: Asked, stream: Stream = stream) -> Answer:
            is_list = "watch" not in asked.query and "stream" not in asked.path
            return 200, listed() if is_list else stream

        async with scripted() as server, opened(server) as api:
            server.answer = answer
            with pytest.raises(errors.Unavailable, match="is not welcome") as caught:
                await taken(api.watch(""), 5)
            assert "tok-secret" not in str(caught.value)


async def test_a_watch_begins_with_all_there_is() -> None:
    """Then come changes, deletions and bookmarks, each with its position."""
    stream = Stream(
        {"type": "MODIFIED", "object": application("web", 12)},
        {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "15"}}},
        {"type": "DELETED", "object": application("web", 16)},
    )

    def answer(asked: Asked) -> Answer:
        if asked.query.get("watch"):
            return 200, stream
        return 200, listed(application("web", 3), version=10)

    async with scripted() as server, kubernetes(server) as api:
        server.answer = answer
        watch = api.watch("")
        found = await taken(watch, 7)
        stream.end()
        with pytest.raises(StopAsyncIteration):
            await anext(watch)
    assert found == [
        ("listing", "", ""),
        ("changed", "web", ""),
        ("listed", "", "10"),
        ("bookmark", "", "10"),
        ("changed", "web", "12"),
        ("bookmark", "", "15"),
        ("deleted", "web", "16"),
    ]
    query = server.asked[-1].query
    assert (query["resourceVersion"], query["allowWatchBookmarks"]) == ("10", "true")
    assert 300 <= int(query["timeoutSeconds"]) < 600


async def test_a_watch_resumes_where_it_ended() -> None:
    """Without a list, in the namespace that was named."""
    stream = Stream({"type": "ADDED", "object": application("new", 21)})
    async with scripted() as server, kubernetes(server, namespaces=("team",)) as api:
        server.answer = lambda _: (200, stream)
        assert await taken(api.watch("20"), 2) == [("bookmark", "", "20"), ("changed", "new", "21")]
        stream.end()
        assert server.asked[0].path == "/apis/argoproj.io/v1alpha1/namespaces/team/applications"


@pytest.mark.parametrize(
    "answer",
    [
        (410, {"kind": "Status", "code": 410, "message": "too old resource version"}),
        (
            200,
            Stream(
                {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
            ),
        ),
        (
            504,
            {"kind": "Status", "code": 504, "message": "Too large resource version: 9, current: 2"},
        ),
        (500, AHEAD),
        (200, Stream({"type": "ERROR", "object": AHEAD})),
    ],
)
async def test_a_position_that_is_too_old_is_said(answer: Answer) -> None:
    """By the answer, or later within it; or too new, in a cluster that was restored from a backup."""
    async with scripted() as server, kubernetes(server) as api:
        if isinstance(answer[1], Stream):
            answer[1].end()
        server.answer = lambda _: answer
        watch = api.watch("1")
        with pytest.raises(errors.Expired, match=r"too old|Too large|not yet"):
            await taken(watch, 2)


async def test_no_redirect_is_followed() -> None:
    """Neither with a patch nor with a watch, by neither way: what is sent is for the named server alone."""
    async with scripted() as other, scripted() as server:
        server.answer = lambda _: (307, f"{other.url}/elsewhere?secret=1")
        async with kubernetes(server) as one, rest(server) as two:
            for asked in (
                one.patch("argocd", "web", {"operation": {}}),
                one.get("argocd", "web"),
                one.find("argocd", ""),
                taken(one.watch("1"), 2),
                two.get("argocd", "web"),
            ):
                with pytest.raises(
                    errors.Unavailable,
                    match=r"redirects to http://[^ ?]*/elsewhere, which is not followed",
                ):
                    await asked
        assert other.asked == []


async def test_an_answer_of_more_values_than_any_application_has_is_refused() -> None:
    """Before it is decoded, which would hold up everybody; so is one of more bytes. One of 3 MB is read."""
    many = b"[" + b"[]," * 500_000 + b"[]]"
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (200, many)
        with pytest.raises(errors.TooLarge, match=r"argocd/web: .*more than 400,000 values"):
            await api.get("argocd", "web")
        server.answer = lambda _: (200, b'{"items":[{"a":' + many + b'}],"metadata":{}}')
        with pytest.raises(errors.TooLarge, match="more than 400,000 values"):
            await api.find("argocd", "")
        server.answer = lambda _: (200, b" " * (9 << 20))
        with pytest.raises(errors.TooLarge, match="larger than 8,388,608 bytes"):
            await api.get("argocd", "web")
        large = application("web", 13, spec={"x": "y" * 3_000_000})
        server.answer = lambda _: (200, large)
        assert await api.get("argocd", "web") == large


async def test_hostile_applications_end_no_watch() -> None:
    """One that no decoder reads, one of 3 MB, and ones of odd types are told like any other."""
    large = application("large", 13, spec={"x": "y" * 3_000_000})
    stream = Stream(
        b'{"type":"ADDED","object":' + DEEP + b"}\n",
        {"type": "ADDED", "object": large},
        {"type": "ADDED", "object": {"metadata": 3}},
        {"type": "ADDED", "object": application("odd", 14, status=[1], spec="x")},
    )
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (200, stream)
        found = await taken(api.watch("1"), 5)
        stream.end()
    assert [name for _, name, _ in found] == ["", "d", "large", "", "odd"]


async def test_a_watch_that_falls_silent_ends() -> None:
    """The other side may be gone without a word; it is resumed then."""
    clock = VirtualClock()
    stream = Stream({"type": "MODIFIED", "object": application("web", 12)})
    async with scripted() as server, kubernetes(server, clock=clock) as api:
        server.answer = lambda _: (200, stream)
        watch = api.watch("1")
        assert len(await taken(watch, 2)) == 2
        more = asyncio.ensure_future(anext(watch, None))
        await clock.advance(149)
        assert not more.done()
        await clock.advance(2)
        assert await more is None
        stream.end()


async def test_an_event_is_recorded_about_the_application() -> None:
    """A core Event, as `kubectl describe` shows it."""
    async with scripted() as server, kubernetes(server) as api:
        server.answer = lambda _: (201, {})
        await api.event(application("web", 5), "OperationStarted", "began")
        body = server.asked[0].body
    assert server.asked[0].line == "POST /api/v1/namespaces/argocd/events"
    assert body["involvedObject"]["name"] == "web"
    assert (body["reason"], body["message"], body["type"]) == (
        "OperationStarted",
        "began",
        "Normal",
    )


# REST

REST_ONE = "/api/v1/applications/web"


async def test_an_application_is_read_by_rest() -> None:
    """In its namespace; Argo CD's code for what is missing counts, whatever the status."""
    async with scripted() as server, rest(server) as api:
        server.answer = by_path({f"GET {REST_ONE}": (200, application("web"))})
        assert await api.get("team", "web") is not None
        assert server.asked[0].query == {"appNamespace": "team"}
        server.answer = lambda _: (500, {"code": 5, "message": "not found"})
        assert await api.get("team", "web") is None
        server.answer = lambda _: (403, {"code": 7, "message": "permission denied"})
        with pytest.raises(errors.Forbidden, match=r"eu: Application team/web: .*rest\.yaml"):
            await api.get("team", "web")


async def test_an_operation_is_a_request_to_sync() -> None:
    """A wish to compare anew goes first, as a question: it takes the right to read alone."""
    patch = {
        "metadata": {"resourceVersion": "4", "annotations": {"argocd.argoproj.io/refresh": "hard"}},
        "operation": {
            "initiatedBy": {"username": "ann"},
            "info": [{"name": "kargo.akuity.io/promotion", "value": "p"}],
            "retry": {"limit": 2},
            "sync": {
                "prune": True,
                "syncOptions": ["CreateNamespace=true"],
                "resources": [{"kind": "Job", "name": "j"}],
            },
        },
        "status": {"operationState": None},
    }
    async with scripted() as server, rest(server) as api:
        server.answer = lambda _: (200, application("web", 4))
        await api.patch("argocd", "web", patch)
        assert [(each.line, each.query.get("refresh")) for each in server.asked] == [
            (f"GET {REST_ONE}", None),
            (f"GET {REST_ONE}", "hard"),
            (f"POST {REST_ONE}/sync", None),
        ]
        assert server.asked[-1].body == {
            "name": "web",
            "appNamespace": "argocd",
            "prune": True,
            "resources": [{"kind": "Job", "name": "j"}],
            "infos": [{"name": "kargo.akuity.io/promotion", "value": "p"}],
            "retryStrategy": {"limit": 2},
            "syncOptions": {"items": ["CreateNamespace=true"]},
        }


async def test_a_change_of_the_spec_is_made_of_the_version_that_was_seen() -> None:
    """The server tests the version; what is not named stays, and the refresh goes along."""
    found = application("web", 4, metadata={"annotations": {"a": "b"}})
    patch = {
        "metadata": {"resourceVersion": "4", "annotations": {"argocd.argoproj.io/refresh": "hard"}},
        "spec": {"source": {"targetRevision": "v2"}},
    }
    async with scripted() as server, rest(server) as api:
        server.answer = lambda _: (200, found)
        await api.patch("argocd", "web", patch)
        body = server.asked[-1].body
        assert [each.line for each in server.asked] == [f"GET {REST_ONE}", f"PATCH {REST_ONE}"]
        assert body["patchType"] == "json"
        assert json.loads(body["patch"]) == [
            {"op": "test", "path": "/metadata/resourceVersion", "value": "4"},
            {
                "op": "add",
                "path": "/spec",
                "value": {
                    "source": {
                        "repoURL": "https://git.example.com/a.git",
                        "path": ".",
                        "targetRevision": "v2",
                    },
                    "project": "default",
                },
            },
            {
                "op": "add",
                "path": "/metadata/annotations",
                "value": {"a": "b", "argocd.argoproj.io/refresh": "hard"},
            },
        ]


async def test_another_version_is_a_conflict_before_and_after() -> None:
    """Found out by reading, or by the test in the patch, whatever code that fails with."""
    patch = {"metadata": {"resourceVersion": "4"}, "spec": {"project": "x"}}
    async with scripted() as server, rest(server) as api:
        server.answer = lambda _: (200, application("web", 5))
        with pytest.raises(errors.Conflict, match="changed meanwhile"):
            await api.patch("argocd", "web", patch)
        versions = iter((4, 5))

        def answer(asked: Asked) -> Answer:
            if asked.method == "PATCH":
                return 500, {"code": 2, "message": "test failed"}
            return 200, application("web", next(versions))

        server.answer = answer
        with pytest.raises(errors.Conflict, match="test failed"):
            await api.patch("argocd", "web", patch)


@pytest.mark.parametrize(
    ("status", "code", "error", "said"),
    [
        (400, 9, errors.Conflict, "another operation is already in progress"),
        (403, 7, errors.Forbidden, "blocked by sync window"),
        (401, 16, errors.Unauthenticated, "argocd account generate-token"),
    ],
)
async def test_why_a_sync_is_refused_is_told(
    status: int, code: int, error: type[errors.TowpathError], said: str
) -> None:
    """In Argo CD's own words, and with what helps."""

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return status, {"code": code, "message": said, "error": said}
        return 200, application("web", 4)

    async with scripted() as server, rest(server) as api:
        server.answer = answer
        with pytest.raises(error, match=said):
            await api.patch("argocd", "web", {"operation": {"sync": {}}})


async def test_an_operation_is_withdrawn() -> None:
    """By the request that ends one."""
    async with scripted() as server, rest(server) as api:
        server.answer = lambda _: (200, application("web", 4))
        await api.patch("argocd", "web", {"operation": None})
        assert [each.line for each in server.asked] == [
            f"GET {REST_ONE}",
            f"DELETE {REST_ONE}/operation",
            f"GET {REST_ONE}",
        ]


async def test_a_stream_comes_behind_a_list_and_is_checked_by_another() -> None:
    """What happened between the two is found by the second list, as the stream says nothing until something happens."""
    clock, stream, lists = VirtualClock(), Stream(), [("a",), ("a", "b"), ("b",)]

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/api/v1/stream"):
            return 200, stream
        return 200, listed(*map(application, lists.pop(0)), version=30)

    async with scripted() as server, rest(server, clock=clock) as api:
        server.answer = answer
        watch = api.watch("ignored")
        assert [each[:2] for each in await taken(watch, 3)] == [
            ("listing", ""),
            ("changed", "a"),
            ("listed", ""),
        ]
        more = asyncio.ensure_future(taken(watch, 1))
        await server.until(lambda asked: asked[-1].path == "/api/v1/stream/applications")
        assert server.asked[-1].query == {"resourceVersion": "30"}
        stream.tell({"result": {"type": "MODIFIED", "application": application("a", 31)}})
        assert await more == [("changed", "a", "31")]
        more = asyncio.ensure_future(taken(watch, 4))
        await settle()
        await clock.advance(11)
        assert [each[:2] for each in await more] == [
            ("listing", ""),
            ("changed", "a"),
            ("changed", "b"),
            ("listed", ""),
        ]
        stream.tell({"result": {"type": "DELETED", "application": application("a", 40)}})
        assert await taken(watch, 1) == [("deleted", "a", "40")]
        stream.tell({"error": {"grpc_code": 16, "message": "token is expired"}})
        with pytest.raises(errors.Unauthenticated, match="token is expired"):
            await anext(watch)
        with suppress(StopAsyncIteration):
            await watch.aclose()
        stream.end()


async def test_an_app_project_is_read_by_both() -> None:
    """It has the sync windows."""
    project = {"metadata": {"name": "canal"}, "spec": {"syncWindows": []}}
    async with scripted() as server:
        server.answer = by_path(
            {
                "GET /apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects/canal": (
                    200,
                    project,
                ),
                "GET /api/v1/projects/canal": (200, project),
            }
        )
        async with kubernetes(server) as one, rest(server) as other:
            assert await one.project("argocd", "canal") == project
            assert await other.project("argocd", "canal") == project
            assert await other.project("argocd", "gone") is None


def test_kinds_of_events_are_five() -> None:
    """Whoever follows a watch meets them all above."""
    assert {each.value for each in EventKind} == {
        "listing",
        "listed",
        "changed",
        "deleted",
        "bookmark",
    }
