"""Dependencies of charts: a version is set where name and repository are exactly those, and nothing else changes."""

from __future__ import annotations

import pytest

from towpath import errors
from towpath.documents.chart import DependencyVersion, lock_changes, set_versions

CHART = """\
apiVersion: v2   # of Helm 3
name: umbrella
dependencies:
# first
- name: web
  repository: https://charts.example.com
  version: 1.0.0   # pinned
- {name: api, repository: "oci://registry.example/charts", version: "2.0.0", alias: backend}
- version: ~3.1
  name: web
  repository: https://other.example.com
- alias: second
  name: web
  repository: https://charts.example.com
  version: '1.0.0'
"""


def _set(text: str, *wanted: tuple[str, str, str]) -> str:
    given = [DependencyVersion(*each) for each in wanted]
    return set_versions(text.encode(), given, source="Chart.yaml").data.decode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff", "---\n"])
def test_versions_are_set_and_nothing_else(newline: str, begin: str) -> None:
    """Comments, quotes, order, line ends; under every alias; a second time changes nothing."""
    before = (begin + CHART).replace("\n", newline)
    wanted = [
        ("https://charts.example.com", "web", "v5"),
        ("oci://registry.example/charts", "api", "2.1"),
        ("https://other.example.com", "web", "4.0"),
    ]
    after = _set(before, *wanted)
    assert after == (
        before.replace("1.0.0   # pinned", "v5   # pinned")
        .replace('version: "2.0.0"', 'version: "2.1"')
        .replace("version: ~3.1", 'version: "4.0"')
        .replace("'1.0.0'", "'v5'")
    )
    assert _set(after, *wanted) == after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CHART,
            "'web' comes from 'https://charts.example.com', 'https://charts.example.com', 'https://other",
        ),
        (CHART.replace("name: web", "name: wbe"), 'did you mean "wbe"?'),
        ("name: x\n", "the chart has no dependencies"),
        ("dependencies: []\n", "the chart has no dependencies"),
        ("", "the chart has no dependencies"),
        ("dependencies: {a: b}\n", "dependencies is not a list of mappings"),
        ("dependencies: [a]\n", "dependencies is not a list of mappings"),
        ("dependencies: [{name: web, repository: r}]\n", "there is no 'version' in dependencies.0"),
        (
            "dependencies: [{name: web, repository: r, version: {a: 1}}]\n",
            "is a mapping, not a scalar",
        ),
        ("dependencies: [\n", "Chart.yaml: line 2"),
    ],
)
def test_what_is_not_there_is_told(text: str, said: str) -> None:
    """With what is there instead."""
    with pytest.raises(errors.BadRequest) as caught:
        _set(text, ("r", "web", "1"))
    assert caught.value.message.startswith("Chart.yaml: ")
    assert said in caught.value.message


def test_what_is_no_text_is_refused() -> None:
    """With the byte."""
    with pytest.raises(errors.BadRequest, match=r"Chart\.yaml: byte 2 is not UTF-8"):
        set_versions(b"a:\xff", [], source="Chart.yaml")


def test_changes_of_a_lock() -> None:
    """Changed, new and gone ones; what stayed is not told."""
    before = [{"name": "a", "version": "1"}, {"name": "b", "version": "2"}, {"name": "c"}]
    after = [
        {"name": "a", "version": "1"},
        {"name": "b", "version": "3"},
        {"name": "d", "version": "4"},
    ]
    assert lock_changes(before, after) == {"b": "2 -> 3", "c": "", "d": "4"}
