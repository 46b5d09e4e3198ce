"""A list and the events after it are the later list: for every selector, form and moment at which a watch begins."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.asgi_watch import Watched
from tests.support.pipeline import running
from tests.support.serving import TOKEN, client, served

if TYPE_CHECKING:
    import httpx
    from starlette.types import ASGIApp

NAMES, NAMESPACES = "xyz", ("one", "two")
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
FORMS = {
    "application/json": "application/json",
    f"{TABLE},application/json": f"{TABLE},application/json",
    f"{PARTIAL},application/json": f"{PARTIAL_LIST},application/json",
}
"""Of watches, and of the lists they go on from."""

places = st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(NAMES))
labels = st.sampled_from([None, "1", "2"])
writes = st.one_of(
    st.tuples(st.just("create"), places, labels),
    st.tuples(st.just("update"), places, labels),
    st.tuples(st.just("merge"), places, labels),
    st.tuples(st.just("apply"), places, labels),
    st.tuples(st.just("hold"), places, st.booleans()),
    st.tuples(st.just("delete"), places, st.none()),
    st.tuples(st.just("empty"), places, labels),
)
watches = st.tuples(
    st.just("watch"),
    st.tuples(st.sampled_from(["", *NAMESPACES]), st.sampled_from(list(FORMS))),
    st.sampled_from(["", "l=1", "l!=1", "l", "!l", "l in (1,2)", "name=x", "name!=x"]),
)
scripts = st.lists(st.one_of(writes, watches), max_size=25)


@dataclass
class Watcher:
    """Somebody who listed and goes on from there."""

    namespace: str
    selector: str
    accept: str
    watched: Watched
    known: dict[str, str]
    """Revision by namespace and name."""
    at: int
    told: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """What is listed and watched."""
        return _path(self.namespace)

    @property
    def query(self) -> str:
        """Of which those."""
        return _query(self.selector)

    async def follow(self, until: int) -> None:
        """Take events until one is of that revision or later, checking that each could come."""
        while self.at < until:
            event = await self.watched.next()
            kind, found = event["type"], event["object"]
            self.told.append(kind)
            if kind == "BOOKMARK":
                continue
            [(key, revision)] = _items(found, is_list=False).items()
            assert int(revision) > self.at, "events come in the order of revisions, none twice"
            self.at = int(revision)
            if kind == "DELETED":
                assert self.known.pop(key, None) is not None, "what was never there cannot go"
            else:
                assert (kind == "ADDED") == (key not in self.known), (kind, key, self.known)
                self.known[key] = revision


def _items(document: dict[str, Any], *, is_list: bool) -> dict[str, str]:
    """Return the revisions of the objects of an answer, in whatever form it is."""
    if document["kind"] == "Table":
        objects = [row["object"] for row in document["rows"]]
    else:
        objects = document["items"] if is_list else [document]
    return {
        f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["metadata"][
            "resourceVersion"
        ]
        for each in objects
    }


def _query(selector: str) -> str:
    if not selector:
        return ""
    if selector.startswith("name"):
        return f"fieldSelector={quote('metadata.' + selector)}"
    return f"labelSelector={quote(selector)}"


def _path(namespace: str, name: str = "") -> str:
    where = f"namespaces/{namespace}/" if namespace else ""
    return f"/api/v1/{where}configmaps" + (name and f"/{name}")


def _document(place: tuple[str, str], label: str | None) -> dict[str, Any]:
    namespace, name = place
    metadata = {"namespace": namespace, "name": name, "labels": {"l": label} if label else {}}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"l": f"{label}"},
    }


async def _write(http: httpx.AsyncClient, what: str, place: tuple[str, str], more: Any) -> None:
    namespace, name = place
    path = _path(namespace, name)
    document = _document(place, None if what in ("hold", "delete") else more)
    match what:
        case "create":
            answer = await http.post(_path(namespace), json=document)
        case "update":
            answer = await http.put(path, json=document)
        case "merge":
            labelled = {"metadata": {"labels": {"l": more}}, "data": {"l": f"{more}"}}
            answer = await http.patch(path, json=labelled, headers=_type("merge-patch+json"))
        case "apply":
            answer = await http.patch(
                f"{path}?fieldManager=m&force=true",
                json=document,
                headers=_type("apply-patch+yaml"),
            )
        case "hold":
            held = {"metadata": {"finalizers": ["example.com/held"] if more else None}}
            answer = await http.patch(path, json=held, headers=_type("merge-patch+json"))
        case "delete":
            answer = await http.delete(path)
        case _:
            answer = await http.delete(f"{_path(namespace)}?{_query(f'l={more}' if more else '')}")
    # 404 and 409 are what a script may run into; 422: a finalizer that is added while the object goes.
    assert answer.status_code in (200, 201, 404, 409, 422), answer.text


def _type(name: str) -> dict[str, str]:
    return {"Content-Type": f"application/{name}"}


async def _listed(http: httpx.AsyncClient, path: str, query: str, accept: str) -> Any:
    answer = await http.get(f"{path}?{query}", headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _began(app: ASGIApp, http: httpx.AsyncClient, what: Any, selector: str) -> Watcher:
    namespace, accept = what
    path, query = _path(namespace), _query(selector)
    found = await _listed(http, path, query, FORMS[accept])
    revision = found["metadata"]["resourceVersion"]
    watched = Watched(app, path, f"watch=1&{query}&resourceVersion={revision}", TOKEN, accept)
    return Watcher(namespace, selector, accept, watched, _items(found, is_list=True), int(revision))


async def _run(script: list[tuple[Any, Any, Any]], folder: Path) -> None:
    async with running(folder) as world:
        app = served(world)
        async with client(world) as http:
            for namespace in NAMESPACES:
                made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
                assert (await http.post("/api/v1/namespaces", json=made)).status_code == 201
            watchers: list[Watcher] = []
            for what, where, more in script:
                if what == "watch":
                    watchers.append(await _began(app, http, where, more))
                else:
                    await _write(http, what, where, more)
            for number, watcher in enumerate(watchers):
                last = await _last(http, watcher, number)
                found = await _listed(http, watcher.path, watcher.query, FORMS[watcher.accept])
                await watcher.follow(last)
                assert (watcher.known, watcher.at) == (_items(found, is_list=True), last)
                await watcher.watched.leave()


async def _last(http: httpx.AsyncClient, watcher: Watcher, number: int) -> int:
    """Write something that a watcher must be told of, and return its revision."""
    namespace = watcher.namespace or NAMESPACES[0]
    name = "x" if watcher.selector == "name=x" else "end"
    label = "1" if watcher.selector in ("l=1", "l", "l in (1,2)") else None
    document = _document((namespace, name), label)
    document["metadata"]["labels"] = {"l": label}
    document["data"] = {"end": str(number)}
    answer = await http.patch(
        _path(namespace, name), json=document, headers=_type("merge-patch+json")
    )
    if answer.status_code == 404:
        document["metadata"]["labels"] = {"l": label} if label else {}
        answer = await http.post(_path(namespace), json=document)
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["metadata"]["resourceVersion"])


@given(scripts)
def test_a_list_and_the_events_after_it_are_the_later_list(
    script: list[tuple[Any, Any, Any]],
) -> None:
    """Whatever is written, whenever the watch began, by whatever it selects."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(script, Path(folder)))


@pytest.mark.soak
@settings(max_examples=500)
@given(st.lists(st.one_of(writes, watches), max_size=80))
def test_a_list_and_the_events_after_it_are_the_later_list_for_long(
    script: list[tuple[Any, Any, Any]],
) -> None:
    """The same with long scripts, many times."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(script, Path(folder)))
