"""Whatever is asked, by whatever path, query, header and body: an answer that says what is wrong, never a fault of ours."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import serving
from tests.support.examples import examples
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.raw_requests import Answer, ask
from towpath.resources.scheme import SCHEME
from towpath.server.application import ENDPOINTS
from towpath.server.kube.described import DESCRIBED
from towpath.server.kube.reviews import REVIEWS

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LONG = "a" * 5_000
DIGITS = "9" * 5_000
SEGMENTS = [
    PROJECT, "dev", "main", "none", "", ".", "..", "%2e%2e", "%2F", "a%2Fb", "%00", "a%00b", "%0a", "%ff%fe",
    "%c0%af", "%ed%a0%80", "%", "%zz", "%25", "%3F", "a%3Fb", "%23", ";", "a;b", "*", "~", "%5c", LONG, "%41" * 900,
    "%F0%9F%A6%A6", "-", "_", "A", "a" * 254, "a." * 126 + "a", "watch", "status", "$where", "'", '"', "%E2%80%AE",
]  # fmt: skip
VALUES = [
    "", "true", "TRUE", "1", "0", "-1", "abc", "9" * 18, "9" * 19, "99999999999999999999", DIGITS, "-" + DIGITS,
    "1e9", "0x10", "%00", "%ff", "%ed%a0%80", "%D9%A3", "²", LONG, "null", "[]", "{}", "a,b", ",", ",,,", "a=b,",
    "a in (b", "a in ()", "!a", "!", "=", "a==", "a!=", "\\", "a=\\", "metadata.name=" + LONG, "a notin (b,c),d",
    ",".join(f"k{n}" for n in range(1_800)), ",".join(f"metadata.name!={n}" for n in range(1_800)),
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", "now",
    "2026-01-01T00:00:00%2B00:00:00.000001", "Exact", "NotOlderThan", "All", "Strict", "tag", "image_repo", "dev",
    "99999999-01-01T00:00:00Z", "Background", "Foreground", "Orphan", "Object", "None", "dev%00", "W10", "e30", "AAAA",
]  # fmt: skip
NAMES = [
    "watch", "limit", "continue", "resourceVersion", "resourceVersionMatch", "timeoutSeconds", "labelSelector",
    "fieldSelector", "sendInitialEvents", "allowWatchBookmarks", "dryRun", "fieldManager", "fieldValidation", "force",
    "propagationPolicy", "orphanDependents", "gracePeriodSeconds", "includeObject", "pretty", "page", "pageSize",
    "filter", "uid", "mine", "stage", "origins", "groupBy", "group", "orderBy", "reverse", "freightOrigins", "newAlias",
    "freight", "at", "upsert", "timeout", "x",
]  # fmt: skip
HEADERS = {
    "accept": [
        "", "*/*", "text/html", "application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io", "a;b;c", ";;;",
        "application/json;q=nan", "application/json;q=1e999", ",".join(["a/b"] * 500), LONG, "text/event-stream",
        "application/vnd.kubernetes.protobuf",
    ],
    "content-type": [
        "", "application/json", "application/yaml", "application/json-patch+json", "application/merge-patch+json",
        "application/strategic-merge-patch+json", "application/apply-patch+yaml", "text/plain", LONG,
        "application/vnd.kubernetes.protobuf", "application/json; charset=utf-16",
    ],
    "host": ["", "[", "[::1", "a/b?c", "evil/version?", "\xff", LONG, "a:b:c", "a@b"],
    "content-length": ["", "-1", DIGITS[:4000], "99999999999", "abc", "٣".encode().decode("latin-1")],
    "user-agent": ["", "/", "\x00\x1f", LONG, "\xff\xfe/1"],
    "impersonate-user": ["", "jo", LONG, "system:serviceaccount:", "system:serviceaccount:a:b:c", "\xff", "system:serviceaccount::"],
    "impersonate-group": ["", "system:masters", LONG],
    "impersonate-extra-%zz%ff": ["x"],
    "if-match": ["*", "\xff"],
    "range": ["bytes=0-", "bytes=99999999999999999999-", "x"],
}  # fmt: skip
ODD: list[Any] = [
    None, True, -1, 1 << 63, 1 << 64, 10**400, 1.5, 1e308, "", "\ud800", "a\x00b", LONG, [], {}, [[]], [None], {"": ""},
    {"\ud800": 1}, "${{ x }}", "Warehouse/main", "Warehouse/\ud800", "dev", PROJECT,
]  # fmt: skip
KEYS = [
    "apiVersion", "kind", "metadata", "spec", "status", "freight", "freightAlias", "origin", "data", "stringData",
    "name", "namespace", "resourceVersion", "uid", "labels", "annotations", "ownerReferences", "finalizers",
    "generateName", "stage", "steps", "rules", "roleRef", "subjects", "preconditions", "dryRun", "propagationPolicy",
    "audiences", "expirationSeconds", "token", "user", "groups", "resourceAttributes", "op", "path", "value", "alias",
    "managedFields", "deletionTimestamp", "images",
]  # fmt: skip
RAW_BODIES = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}{}", b"---\n", b"a: 1\n---\nb: 2", b"&a [*a]", b"k8s\x00" + b"\xff" * 40,
    b"k8s\x00", b"[" * 5_000, b'{"a":' * 5_000, b'"\\ud800"', b'{"metadata":{"name":"\\ud800"}}', b"1" * 5_000,
    b'{"spec":{"a":1e999}}', b'{"a":NaN}', b'{"a":-Infinity}', b"!!python/object:os.system {}", b"? [a]\n: b",
    b'{"apiVersion":[],"kind":{},"metadata":[]}', b'{"metadata":null}', b"\x00", b"%YAML 9.9\n---\na",
    b'[{"op":"test","path":"/\\ud800","value":1}]', b'[{"op":"add","path":"/metadata/-","value":1}]',
    b'[{"op":"move","from":"","path":"/a"}]', b'[{"op":"remove","path":""}]', b'[{"op":"replace","path":"/metadata"}]',
]  # fmt: skip
METHODS = (
    ["GET"] * 6
    + ["POST", "PUT", "PATCH", "DELETE"] * 3
    + ["HEAD", "OPTIONS", "TRACE", "FOO", "get"]
)


def _paths() -> list[tuple[str, ...]]:
    """Return the paths of every route as segments, `*` where any may stand."""
    found = [
        tuple("*" if part.startswith("{") else part for part in endpoint.path.strip("/").split("/"))
        for endpoint in ENDPOINTS
        if endpoint.path != "/towpath/v1/backup"  # it copies the database each time
    ]
    found += [tuple(path.strip("/").split("/")) for path, _ in DESCRIBED if "{" not in path]
    found += [
        ("healthz",),
        ("readyz",),
        ("v1beta1", "*"),
        ("towpath", "v1", "*"),
        ("api", "*", "*"),
        ("*",),
    ]
    for kind in SCHEME:
        group = ("apis", kind.group, kind.version) if kind.group else ("api", kind.version)
        found += [
            (*group, kind.plural),
            (*group, kind.plural, "*"),
            (*group, kind.plural, "*", "*"),
        ]
        within = (*group, "namespaces", "*", kind.plural)
        found += [
            within,
            (*within, "*"),
            (*within, "*", "status"),
            (*within, "*", "token"),
            (*within, "*", "*"),
        ]
    for group_name, version, plural in REVIEWS:
        found += [
            ("apis", group_name, version, plural),
            ("apis", group_name, version, "namespaces", "*", plural),
        ]
    return found


PATHS = _paths()
_CONTENT = {
    "POST": "application/json",
    "PUT": "application/json",
    "PATCH": "application/merge-patch+json",
}
ODD_VALUES = st.recursive(
    st.sampled_from(ODD),
    lambda inner: (
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=4) | st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)


def _document(number: int, metadata: Any, spec: Any) -> dict[str, Any]:
    kind = SCHEME[number % len(SCHEME)]
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, "spec": spec}


BODIES = st.one_of(
    st.sampled_from(RAW_BODIES),
    st.dictionaries(
        st.sampled_from(["freight", "freightAlias", "origin"]), st.sampled_from(ODD), min_size=1
    ).map(lambda value: json.dumps(value).encode()),
    ODD_VALUES.map(lambda value: json.dumps(value).encode()),
    st.builds(_document, st.integers(0, 100), ODD_VALUES, ODD_VALUES).map(
        lambda value: json.dumps(value).encode()
    ),
)
FIRST = st.one_of(st.just(PROJECT), st.just(PROJECT), st.sampled_from(SEGMENTS))
NEXT = st.one_of(st.sampled_from(["dev", "main", "none"]), st.sampled_from(SEGMENTS))
REQUESTS = st.tuples(
    st.sampled_from(METHODS),
    st.sampled_from(PATHS),
    st.tuples(FIRST, NEXT, NEXT).map(list),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=4),
    st.lists(
        st.sampled_from(sorted(HEADERS)).flatmap(
            lambda name: st.tuples(st.just(name), st.sampled_from(HEADERS[name]))
        ),
        max_size=2,
    ),
    BODIES,
)
Drawn = tuple[str, tuple[str, ...], list[str], list[tuple[str, str]], list[tuple[str, str]], bytes]


async def _asked(application: ASGIApp, drawn: Drawn) -> tuple[str, Answer]:
    method, path, segments, query, headers, body = drawn
    waiting = iter(segments)
    target = "/" + "/".join(next(waiting) if part == "*" else part for part in path)
    if query:
        target += "?" + "&".join(f"{name}={value}" for name, value in query)
    given = {"content-type": _CONTENT.get(method, ""), **dict(headers)}
    asked = f"{method} {target[:300]} {given} {body[:300]!r}"
    answer = await ask(application, method, target, headers=given, body=body, token=serving.TOKEN)
    return asked, answer


def _fault(answer: Answer) -> bool:
    if answer.status in (501, 503, 504):
        return False  # these say what they wait for
    return answer.status >= 500 or answer.status < 100 or "internal error" in answer.text


_BASE = f"/v1beta1/projects/{PROJECT}"
_KIND = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}"
_SURROGATE = b'"\\ud800"'


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", f"{_BASE}/stages?watch=true&resourceVersion={DIGITS}", b"", 400),
        ("GET", f"{_BASE}/stages?watch=true&resourceVersion=99999999999999999999", b"", 400),
        ("GET", f"{_BASE}/stages?watch=true&resourceVersion=%D9%A3", b"", 400),
        ("GET", "/v1beta1/projects?page=99999999999999999999", b"", 400),
        ("GET", f"{_KIND}/stages?limit=99999999999999999999", b"", 400),
        ("GET", f"{_KIND}/stages?limit=-1", b"", 400),
        ("GET", f"{_KIND}/stages?timeoutSeconds={DIGITS}&watch=1", b"", 400),
        ("GET", f"{_KIND}/stages?continue=AAAA", b"", 400),
        ("GET", f"{_KIND}/stages?labelSelector={','.join(f'k{n}' for n in range(1_800))}", b"", 400),
        ("GET", f"{_KIND}/stages?fieldSelector={','.join(f'metadata.name!={n}' for n in range(900))}", b"", 400),
        ("DELETE", f"{_KIND}/stages?labelSelector={','.join(f'k{n}' for n in range(1_800))}", b"", 400),
        ("GET", f"{_KIND}/stages?watch=1&labelSelector={','.join(f'k{n}' for n in range(999))}", b"", 400),
        ("POST", f"{_BASE}/stages/dev/promotions", b'{"freight":%b}' % _SURROGATE, 400),
        ("POST", f"{_BASE}/stages/dev/promotions", b'{"freightAlias":%b}' % _SURROGATE, 400),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
         b'{"spec":{"user":%b,"resourceAttributes":{"verb":"get"}}}' % _SURROGATE, 400),
        ("PATCH", f"{_KIND}/stages/dev", b'{"metadata":{"annotations":{"a":%b}}}' % _SURROGATE, 400),
        ("PUT", "/v1beta1/resources", b'{"metadata":{"name":%b}}' % _SURROGATE, 400),
        ("GET", f"{_BASE}/stages/%00", b"", 404),
        ("GET", f"{_KIND}/stages/{LONG}", b"", 404),
        ("GET", f"{_KIND}/stages/%ff%fe", b"", 404),
        ("GET", f"{_BASE}/stages/..%2f..%2fother", b"", 404),
        ("GET", "/api/v1/secrets%3Fx", b"", 404),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_request_is_said(
    tmp_path: Path, method: str, target: str, body: bytes, status: int
) -> None:
    """What was a fault once, or might be one."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        headers = {"content-type": _CONTENT.get(method, "")}
        answer = await ask(
            serving.served(world), method, target, headers=headers, body=body, token=serving.TOKEN
        )
    assert (answer.status, _fault(answer)) == (status, False), answer.text[:300]


async def test_a_host_does_not_tell_what_is_asked_for(tmp_path: Path) -> None:
    """Rights are those of the path that is served, whatever the header says, and a strange one is no fault."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        token = await serving.account_token(world, PROJECT, "kargo-viewer")
        for host in HEADERS["host"]:
            for target in ("/openapi/v2", "/api/v1/namespaces/other/secrets", "/nothing"):
                answer = await ask(
                    serving.served(world), "GET", target, headers={"host": host}, token=token
                )
                assert answer.status == (404 if target == "/nothing" else 403), (host, target)


async def test_a_path_says_which_methods_it_has(tmp_path: Path) -> None:
    """All of them, over both APIs; GET brings HEAD along."""
    async with running(tmp_path) as world:
        for target, allowed in (
            (_BASE, "DELETE, GET, HEAD"),
            ("/v1beta1/resources", "DELETE, POST, PUT"),
            ("/version", "GET, HEAD"),
        ):
            answer = await ask(serving.served(world), "PATCH", target, token=serving.TOKEN)
            assert (answer.status, answer.headers["allow"]) == (405, allowed)


def _hold(number: int) -> None:
    """Ask many things of one server."""
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as folder:
        context = running(Path(folder))
        world = runner.run(context.__aenter__())
        try:
            runner.run(world.apply(project_document(), warehouse_document(), stage_document("dev")))
            runner.run(world.settled())
            application = serving.served(world)

            @settings(
                max_examples=number,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            )
            @given(REQUESTS)
            def asked(drawn: Drawn) -> None:
                told, answer = runner.run(_asked(application, drawn))
                assert not _fault(answer), (told, answer.status, answer.text[:500])

            asked()
        finally:
            runner.run(context.__aexit__(None, None, None))


def test_nothing_that_is_asked_is_a_fault() -> None:
    """A fixed part of all there is."""
    _hold(examples(800))


@pytest.mark.soak
def test_nothing_that_is_asked_is_a_fault_for_long() -> None:
    """What no run has drawn yet."""
    _hold(60_000)
