"""Which documents a stream has, and into which files they go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath import errors
from towpath.documents.manifests import file_names, streams
from towpath.documents.manifests.identity import identity
from towpath.documents.manifests.streams import RenderedManifest

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_stream_of_helm_is_split_at_its_marks_alone() -> None:
    """A mark within a document, or without its line before, is text."""
    stream = "---\n# Source: a/x\nkind: A\ntext: |\n  ---\n  # Source: b\n---\nkind: B\n---\n# Source: c\n\n"
    assert streams.sourced(stream) == [
        RenderedManifest("a/x", "kind: A\ntext: |\n  ---\n  # Source: b\n---\nkind: B")
    ]
    assert streams.documents("kind: A\n--- # one\n\n---\n\nkind: B\n---") == ["kind: A", "kind: B"]


texts = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=examples(50))
@given(st.lists(st.tuples(texts, texts, texts, texts), max_size=4))
def test_a_name_is_one_safe_file_or_an_error(objects: list[tuple[str, str, str, str]]) -> None:
    """Whatever stands in objects; no object is lost."""
    manifests = [
        RenderedManifest(
            "a/templates/x.yaml",
            json.dumps(
                {
                    "apiVersion": version,
                    "kind": kind,
                    "metadata": {"name": name, "namespace": space},
                }
            ),
        )
        for version, kind, name, space in objects
    ]
    stream = "\n---\n".join(each.text for each in manifests)
    makers: list[Callable[[], dict[str, str]]] = [
        lambda: file_names.flat(manifests),
        lambda: file_names.kargo(stream, "p"),
        lambda: file_names.kustomize(stream, "p"),
    ]
    for named in makers:
        try:
            files = named()
        except errors.BadRequest:
            continue
        assert len(files) == len(objects)
        for name in files:
            assert name.endswith(".yaml")
            assert not {"/", "\\", "\0", "\n"} & set(name)
            assert len(name.encode()) <= 255


def test_two_objects_of_one_name_are_an_error() -> None:
    """That names the file; letter case alone is no difference."""
    one, other = (f"kind: A\nmetadata: {{name: {name}}}" for name in ("x", "X"))
    for named in (file_names.kargo, file_names.kustomize):
        with pytest.raises(errors.BadRequest, match=r"goes into a[-_]x\.yaml"):
            named(f"{one}\n---\n{other}", "p")
    with pytest.raises(errors.BadRequest, match=r"a/t\.yaml and a/s\.yaml"):
        file_names.flat([RenderedManifest("a/s.yaml", one), RenderedManifest("a/t.yaml", other)])


@pytest.mark.parametrize(
    "source", ["../x", "/etc/x", "a//b", "a/./b", "a/../b", "", "a/.git/config", "a\\b", "a/b\x07"]
)
def test_a_template_names_no_place_elsewhere(source: str) -> None:
    """Nor does a release."""
    with pytest.raises(errors.BadRequest, match="not safe"):
        file_names.helm_layout([RenderedManifest(source, "a: 1")])
    with pytest.raises(errors.BadRequest, match="not safe"):
        file_names.helm_layout([], release=source or "..")


def test_what_is_no_object_has_no_name() -> None:
    """And what is no YAML is an error that names where it came from."""
    assert identity("# nothing", "x") is None
    for text in ("[1]", "text", "metadata: 7", "kind: [a]\nmetadata: {name: {}}"):
        found = identity(text, "x")
        assert found is not None
        assert (found.kind, found.name) == ("", "")
    for text in ("a: [", "[" * 2_000, "a: 2024-99-99"):
        with pytest.raises(errors.BadRequest, match=r"^x: "):
            identity(text, "x")


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template can make many of little."""
    monkeypatch.setattr(file_names, "_MOST", 20)
    many = "\n---\n".join(f"kind: A\nmetadata: {{name: n{number}}}" for number in range(21))
    with pytest.raises(errors.TooLarge, match="more than 20 files"):
        file_names.kargo(many, "x")
