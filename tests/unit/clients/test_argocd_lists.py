"""Lists and lines of Applications, in pieces of any size and with whatever is in them."""

from __future__ import annotations

import collections
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.argocd_answers import DEEP
from towpath.clients.argocd import brackets, decoding, lines
from towpath.clients.argocd.list_items import LARGEST_ITEM, ListItems, UnreadableAnswerError

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_objects = st.dictionaries(st.text(), _values, max_size=4)


def read(text: bytes, size: int) -> tuple[list[bytes], dict[str, Any]]:
    """Return items and rest of a list that comes in pieces."""
    items = ListItems()
    found: list[bytes] = []
    for start in range(0, len(text), size):
        found += filter(None, items.feed(text[start : start + size]))
    found += filter(None, items.feed(b""))
    return found, items.end()


@given(st.lists(_objects, max_size=6), st.integers(1, 40), st.booleans(), st.booleans())
def test_the_items_of_a_list_are_found_whatever_is_in_them(
    objects: list[dict[str, Any]], size: int, spaced: bool, last: bool
) -> None:
    """In any pieces, with metadata before or behind them."""
    rest = {"kind": "L", "metadata": {"resourceVersion": "9", "note": '[]{}"'}}
    document = {**rest, "items": objects} if last else {"items": objects, **rest}
    separators = None if spaced else (",", ":")
    text = json.dumps(document, separators=separators, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    items, said = read(text, size)
    assert [json.loads(each) for each in items] == objects
    assert said == {**rest, "items": None}


def test_a_list_without_items_is_empty() -> None:
    """As Argo CD says it where there is none."""
    assert read(b'{"metadata":{"resourceVersion":"1"},"items":null}', 7) == (
        [],
        {"metadata": {"resourceVersion": "1"}, "items": None},
    )


@pytest.mark.parametrize("text", [b"", b"<html>", b"[]", b'{"items":[{"a":1}', b'{"items":[{}]'])
def test_what_is_no_list_is_said(text: bytes) -> None:
    """A page of a proxy, or a list that breaks off."""
    with pytest.raises(UnreadableAnswerError):
        read(text, 5)


def test_an_object_that_never_ends_is_not_kept() -> None:
    """Neither one object nor what stands beside the items may be larger than anybody needs."""
    items = ListItems()
    list(items.feed(b'{"items":[{"a":"'))
    pieces = itertools.repeat(b"x" * (1 << 20), LARGEST_ITEM // (1 << 20) + 2)
    with pytest.raises(UnreadableAnswerError, match="larger"):
        collections.deque(itertools.chain.from_iterable(map(items.feed, pieces)))
    with pytest.raises(UnreadableAnswerError, match="besides"):
        list(ListItems().feed(b"x" * (1 << 20 | 1)))


def test_depth_does_no_harm() -> None:
    """An Application that no decoder reads is found, and named."""
    items, _ = read(b'{"items":[' + DEEP + b',{"metadata":{"name":"b"}}]}', 4096)
    assert [lines.named(each) for each in items] == [("n", "d", "3"), ("", "b", "")]
    with pytest.raises(RecursionError):
        decoding.decoded(DEEP)


@given(st.lists(_objects, max_size=5), st.integers(1, 30))
def test_lines_are_whole(objects: list[dict[str, Any]], size: int) -> None:
    """In any pieces."""
    text = b"".join(json.dumps(each).encode() + b"\n" for each in objects)
    split = lines.Lines()
    found = [
        line
        for start in range(0, len(text), size)
        for line in split.feed(text[start : start + size])
    ]
    assert [json.loads(line) for line in found] == objects


@given(_objects, st.sampled_from(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]), st.booleans())
def test_a_line_of_a_watch_is_taken_apart(
    document: dict[str, Any], kind: str, is_odd: bool
) -> None:
    """As servers write it, and in another order."""
    text = json.dumps(document).encode()
    line = b'{"type":"%s","object":%s}\n' % (kind.encode(), text)
    wrapped = b'{"result":{"type":"%s","application":%s}}\n' % (kind.encode(), text)
    if is_odd:
        line = b'{"object":%s, "type":"%s"}' % (text, kind.encode())
        wrapped = b'{"result":{"application":%s,"type":"%s"}}' % (text, kind.encode())
    for found, said in (lines.watched(line), lines.streamed(wrapped)):
        assert (found, json.loads(said)) == (kind, document)


def test_a_stream_tells_its_failure() -> None:
    """Which has another shape."""
    kind, said = lines.streamed(b'{"error":{"grpc_code":16,"message":"token is expired"}}')
    assert (kind, json.loads(said)["grpc_code"]) == ("ERROR", 16)


@pytest.mark.parametrize(
    "text", [b"[]", b"3", b"{", b'{"metadata":3}', b'{"metadata":{"name":4}}', b"\xff"]
)
def test_what_has_no_name_has_none(text: bytes) -> None:
    """Nothing is raised."""
    assert lines.named(text) == ("", "", "")


def test_others_have_a_turn_while_a_list_is_split() -> None:
    """One object of many brackets is looked through in parts."""
    text = b'{"items":[[' + b"[[]]," * 20_000 + b"0]]}"
    turns = list(ListItems().feed(text))
    assert turns.count(b"") >= 10
    assert len([each for each in turns if each]) == 1


def test_a_text_of_more_values_than_any_application_has_is_not_decoded() -> None:
    """An Application of 3 MB is, whatever it is made of in practice."""
    with pytest.raises(UnreadableAnswerError, match="holds more than 400,000 values"):
        decoding.decoded(b"[" + b"[]," * 400_000 + b"[]]")
    resource = {"group": "apps", "kind": "Deployment", "name": "x" * 40, "health": {"status": "Ok"}}
    large = {"status": {"resources": [resource] * 30_000}}
    text = json.dumps(large, separators=(",", ":")).encode()
    assert len(text) > 3_000_000
    assert decoding.decoded(text) == large


@pytest.mark.parametrize("begin", [b"[", b'{"metadata":3,"a":[', b'{"a":tru,"b":['])
def test_a_name_is_not_looked_for_without_end(
    monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    """Millions of brackets that no decoder reads, or that are no Application, hold up nobody."""
    steps = itertools.count()
    real = brackets.following

    def counted(text: bytes, at: int, *, inside: bool) -> int:
        next(steps)
        return real(text, at, inside=inside)

    monkeypatch.setattr(brackets, "following", counted)
    end = b"0]" if begin == b"[" else b"0]}"
    assert lines.named(begin + b"[[]]," * 200_000 + end) == ("", "", "")
    assert next(steps) <= 150_000


@pytest.mark.parametrize(
    "name",
    ["x" * 254, "a\x1b[31m", "<b>", "Upper", "a/b", "..", "-a", "a\n", "ä"],
)
def test_what_no_name_in_kubernetes_is_names_no_application(name: str) -> None:
    """They are kept and shown by their names: megabytes of those would be kept, and a terminal would do as they say."""
    document = json.dumps({"metadata": {"name": name, "namespace": "n", "resourceVersion": "7"}})
    assert lines.named(document.encode()) == ("", "", "7")
    document = json.dumps({"metadata": {"name": "a", "namespace": name}})
    assert lines.named(document.encode()) == ("", "", "")
    version = json.dumps({"metadata": {"name": "a.b-c", "resourceVersion": "7" * 300}})
    assert lines.named(version.encode()) == ("", "a.b-c", "")


def test_an_object_that_drips_in_is_not_looked_through_with_each_drop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each look at a megabyte takes some milliseconds of everybody's time."""
    looks, original = list[int](), brackets.following

    def following(text: bytes, at: int, *, inside: bool) -> int:
        looks.append(at)
        return original(text, at, inside=inside)

    monkeypatch.setattr(brackets, "following", following)
    items = ListItems()
    list(items.feed(b'{"items":[{"a":"' + b"x" * 500_000))
    for _ in range(1_000):
        list(items.feed(b"x" * 100))
    assert len(looks) < 10
    found = [*items.feed(b'"}]}'), *items.feed(b"")]
    assert [len(each) for each in found if each] == [600_008]
