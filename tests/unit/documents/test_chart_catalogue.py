"""What an index of charts lists: the same by lines as by YAML, whatever an index looks like, and bounded."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath.documents import chart_catalogue
from towpath.documents.chart_catalogue import catalogue
from towpath.errors import BadRequest, TooLarge

SOURCE = "the index of chart repository https://charts.example"
HELM = """apiVersion: v1
entries:
  db:
  - annotations:
      category: Database
      images: |
        - name: app
        version: 7.7.7
    apiVersion: v2
    dependencies:
    - name: common
      version: 2.x.x
    description: A database whose description is so long that Helm
      goes on in the next line
    digest: 0123
    keywords:
    - version
    name: db
    urls:
    - https://charts.example/db-1.10.0.tgz
    version: 1.10.0
  - name: db
    version: "1.9"
  - name: db
    version: 1.10
  web:
  - version: 1.0.0+build.1
    name: web
  none: []
generated: "2026-01-02T03:04:05Z"
"""


def _charts(text: str) -> dict[str, list[str]]:
    return catalogue(text.encode(), SOURCE).charts


def test_an_index_as_helm_writes_it() -> None:
    """Versions are what is written, and only those of the charts: not of dependencies, not in texts."""
    assert _charts(HELM) == {
        "db": ["1.10.0", "1.9", "1.10"],
        "web": ["1.0.0+build.1"],
        "none": [],
    }


@pytest.mark.parametrize(
    "text",
    [
        HELM.replace("\n", "\r\n"),
        "\ufeff" + HELM,
        re.sub(r"^(  - |    )", r"  \1", HELM, flags=re.MULTILINE),
        HELM.replace("entries:", "entries: # all of them"),
        HELM.replace("  web:", '  "web":'),
        HELM.replace("version: 1.10.0", "version: 1.10.0 # the newest"),
        HELM.replace("version: 1.10.0", 'version: "1.10.0"'),
        HELM.replace("version: 1.10.0", "version: '1.10.0'"),
        HELM.replace("version: 1.10.0", 'version: "1\\x2e10.0"'),
        HELM.replace("  - name: db", "  -\n    name: db"),
        HELM.replace("    name: web", "    name: &it web"),
        HELM.replace("    version: 1.10.0", '    "version": 1.10.0'),
    ],
)
def test_other_spellings_list_the_same(text: str) -> None:
    """Whatever program wrote it."""
    assert _charts(text) == _charts(HELM)


def test_an_index_in_json() -> None:
    """`helm repo index --json` writes one."""
    entries = {"web": [{"version": "1.0.0", "name": "web", "urls": []}], "none": None}
    found = catalogue(json.dumps({"apiVersion": "v1", "entries": entries}).encode(), SOURCE)
    assert found.charts == {"web": ["1.0.0"], "none": []}
    flow = "{entries: {web: [{version: 1.0.0}]}}"  # no JSON, and YAML all the same
    assert _charts(flow) == {"web": ["1.0.0"]}


def test_entries_that_lie_are_passed_over_and_counted() -> None:
    """Under the name of another chart, without a version, and what is no entry at all."""
    text = (
        "entries:\n  web:\n  - version: 1.0.0\n    name: web\n  - version: 9.9.9\n    name: db\n"
        "  - name: web\n  - just a text\n  - version: [1, 2]\n  - version: ''\n"
    )
    found = catalogue(text.encode(), SOURCE)
    assert found.charts == {"web": ["1.0.0"]}
    assert found.odd == {"web": 5}
    for odd in ("entries: [a, b]\n", "entries: 7\n", "entries: {}\n", "entries:\n"):
        assert _charts(odd) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no entries, so it is no index of charts; it begins: nothing"),
        ("<!doctype html><html><body>Sign in</body></html>", "it begins: Sign in"),
        ("entries: [", "is no YAML"),
        ("just a text", "it begins: just a text"),
        ("- 1\n- 2\n", "no entries"),
        ("entries:\n  web:\n  - version: 1.0.0\n   name: x\n", "is no YAML"),
        ("\x00\x01", "is no YAML"),
    ],
)
def test_what_is_no_index_is_refused(text: str, said: str) -> None:
    """With how it begins, since a page to sign in says what is the matter."""
    with pytest.raises(BadRequest) as refused:
        catalogue(text.encode(), SOURCE)
    assert SOURCE in refused.value.message
    assert said in refused.value.message
    assert len(refused.value.message) < 2600


def test_bombs_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aliases that stand for a great many entries, and a great many entries."""
    monkeypatch.setattr(chart_catalogue, "MOST_VERSIONS", 1000)
    billion = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert _charts(billion + "entries:\n  web: *i\n") == {"web": []}
    many = "list: &all [" + ", ".join(["{version: 1.0.0}"] * 500) + "]\nentries:\n"
    with pytest.raises(TooLarge, match="more than 1,000 versions"):
        _charts(many + "".join(f"  c{number}: *all\n" for number in range(100)))
    with pytest.raises(TooLarge, match="more than 1,000 versions"):
        _charts("entries:\n  web:\n" + "  - version: 1.0.0\n" * 1001)
    monkeypatch.setattr(chart_catalogue, "MOST_CHARTS", 10)
    with pytest.raises(TooLarge, match="more than 10 charts"):
        _charts("entries:\n" + "".join(f"  c{number}: []\n" for number in range(11)))


def test_long_lines_of_blanks_take_no_longer_than_others() -> None:
    """A mebibyte of blanks in a line was looked at from each of them."""
    text = f"entries:\n  web:\n  - version: 1.0.0\n    a: {' ' * (1 << 20)}x\n    b:{' ' * (1 << 20)}\n"
    assert _charts(text) == {"web": ["1.0.0"]}


_TEXT = st.text("abz019.:-#'\"|>{}[]&*!%@ \n", max_size=40)
_ENTRY = st.dictionaries(
    st.sampled_from(
        ["name", "version", "description", "urls", "keywords", "dependencies", "annotations"]
    ),
    st.one_of(
        _TEXT,
        st.sampled_from(["1.0.0", "v2.1.0", "1.10", "0x1F", "1e3", "true", "2026-01-02"]),
        st.lists(
            st.one_of(
                _TEXT, st.dictionaries(st.sampled_from(["name", "version"]), _TEXT, max_size=2)
            ),
            max_size=3,
        ),
        st.dictionaries(st.sampled_from(["version", "name", "a b"]), _TEXT, max_size=3),
        st.none(),
    ),
    max_size=5,
)
_CHARTS = st.dictionaries(
    st.one_of(st.sampled_from(["web", "db", "a.b", "x-1"]), _TEXT),
    st.lists(_ENTRY, max_size=4),
    max_size=4,
)


@settings(max_examples=examples(400), deadline=None)
@given(_CHARTS, st.sampled_from([60, 80, 1 << 20]), st.booleans())
def test_lines_say_what_yaml_says(charts: dict[str, Any], width: int, flow: bool) -> None:
    """For whatever index a program writes: what is found by lines is what a reader of YAML finds."""
    text = yaml.safe_dump(
        {"apiVersion": "v1", "entries": charts, "generated": "now"},
        width=width,
        default_flow_style=None if flow else False,
    )
    found = catalogue(text.encode(), SOURCE).charts
    read = yaml.load(text, Loader=yaml.BaseLoader)["entries"]
    for name, entries in read.items():
        if not 0 < len(name) <= 250:
            continue
        versions = [
            each["version"]
            for each in entries
            if each
            and isinstance(each.get("version"), str)
            and each["version"]
            and each["version"].isprintable()
            and each.get("name") in (None, name)
        ]
        assert found[name] == list(dict.fromkeys(versions)), text
