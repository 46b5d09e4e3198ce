"""The index of a repository: one chart's lines, or all of it; what is no version is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath import errors
from towpath.documents import chart_index, chart_lock
from towpath.documents.chart_index import IndexedChart
from towpath.documents.chart_lock import Locked

names = st.sampled_from(["web", "web-2", "db", "a.b", "entries", "'q", "1"])
entries = st.lists(
    st.fixed_dictionaries(
        {
            "version": st.sampled_from(["1.0.0", "1.1.0", "v2", "x"]),
            "urls": st.lists(
                st.sampled_from(["a.tgz", "https://charts.example/b.tgz"]), max_size=2
            ),
        },
        optional={
            "description": st.text(max_size=40),
            "digest": st.sampled_from(["ab", "sha256:AB", "", None]),
            "keywords": st.lists(st.text(max_size=5), max_size=3),
        },
    ),
    max_size=4,
)


@settings(max_examples=examples(100))
@given(st.dictionaries(names, entries, max_size=5), names, st.booleans(), st.booleans())
@pytest.mark.slow
def test_one_charts_lines_say_what_the_whole_says(
    index: dict[str, list[dict[str, object]]], name: str, is_indented: bool, is_flow: bool
) -> None:
    """However an index is laid out."""
    document = {"apiVersion": "v1", "entries": index, "generated": "2026"}
    text = yaml.safe_dump(document, default_flow_style=is_flow or None, allow_unicode=True)
    if is_indented:
        text = "\n".join(
            f"  {line}" if line.startswith(("  - ", "    ")) else line for line in text.split("\n")
        )
        if yaml.safe_load(text) != document:
            return
    wanted = [
        IndexedChart(
            str(each["version"]),
            tuple(each["urls"]),  # type: ignore[arg-type]
            str(each.get("digest") or "").lower().removeprefix("sha256:"),
        )
        for each in index.get(name) or ()
        if each["urls"]
    ]
    assert chart_index.versions(text.encode(), name, "x") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "entries:\n  web: &all\n  - {version: 1.0.0, urls: [a]}\n  db: *all\n",
        "entries:\n  web:\n  - {version: 1.0.0, urls: [a]}\n  web:\n  - {version: 2.0.0, urls: [b]}\n",
        "# entries:\nentries:\n  db: []\n  web:\n  - version: '1.0.0'\n    urls:\n    - a\n",
        '{"entries": {"web": [{"version": "1.0.0", "urls": ["a"]}]}}',
    ],
)
def test_other_layouts_are_read_as_a_whole(text: str) -> None:
    """Aliases, keys that stand twice, JSON."""
    whole = yaml.safe_load(text)["entries"]["web"]
    found = chart_index.versions(text.encode(), "web", "x")
    assert [each.version for each in found] == [str(each["version"]) for each in whole]


@pytest.mark.parametrize(
    "text", ["", "- 1", "entries: 7", "entries: [", "a: {", "entries: !!python/name:os.system x"]
)
def test_what_is_no_index_is_an_error(text: str) -> None:
    """That names where it came from."""
    with pytest.raises(errors.BadRequest, match="^the index: "):  # noqa: RUF043 - no pattern but the place
        chart_index.versions(text.encode(), "web", "the index")


def test_versions_are_what_is_written() -> None:
    """1.10 is no number: whoever asks for it has read it elsewhere as it stands."""
    text = b"entries:\n  web:\n  - version: 1.10\n    digest: null\n    urls: [a]\n"
    assert chart_index.versions(text, "web", "x") == [IndexedChart("1.10", ("a",))]


def test_a_long_index_costs_what_one_chart_takes() -> None:
    """Others' lines are not even looked at as YAML."""
    others = "".join(f"  chart-{number}:\n  - [not yaml\n" for number in range(1_000))
    text = f"apiVersion: v1\nentries:\n{others}  web:\n  - version: 1.0.0\n    urls: [a]\ngenerated: x\n"
    assert chart_index.versions(text.encode(), "web", "x") == [IndexedChart("1.0.0", ("a",))]


def test_a_lock_is_read_as_it_was_written() -> None:
    """With its digest and its moment."""
    locked = [Locked("web", "https://charts.example", "1.0.0"), Locked("db", "", "2")]
    text = chart_lock.written(locked, "sha256:ab", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert text.decode() == (
        "dependencies:\n- name: web\n  repository: https://charts.example\n  version: 1.0.0\n"
        "- name: db\n  repository: ''\n  version: '2'\ndigest: sha256:ab\ngenerated: \"2026-01-02T03:04:05Z\"\n"
    )
    found = chart_lock.read(text, "x")
    assert list(found.dependencies) == locked
    assert found.digest == "sha256:ab"
    with pytest.raises(errors.BadRequest, match="remove it"):
        chart_lock.read(b"[]", "x")
