"""`towpath analysis try`: a template, scripted results, a timeline and a verdict; and its page, as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from towpath.testing.analysis import AnalysisBench

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told

PAGES = Path(__file__).resolve().parents[3] / "docs" / "reference"

TEMPLATE = """
apiVersion: argoproj.io/v1alpha1
kind: {kind}
metadata: {{name: {name}}}
spec:
  args: [{{name: host, value: shop.example}}]
  templates: {templates}
  metrics:
    - name: {name}
      interval: 30s
      count: 2
      successCondition: result == '{{{{args.host}}}}'
      provider: {{web: {{url: "https://{{{{args.host}}}}"}}}}
"""


def _template(name: str = "smoke", templates: str = "[]", kind: str = "AnalysisTemplate") -> str:
    return TEMPLATE.format(name=name, templates=templates, kind=kind)


@pytest.fixture
def tried(tmp_path: Path, call: Callable[..., Told]) -> Callable[..., Told]:
    """The command, on a template and results that are given as text."""

    def on(template: str, results: str, *options: str) -> Told:
        (tmp_path / "template.yaml").write_text(template)
        (tmp_path / "results.yaml").write_text(results)
        at = str(tmp_path / "results.yaml")
        return call("analysis", "try", tmp_path / "template.yaml", "--results", at, *options)

    return on


def test_the_page_is_true(tried: Callable[..., Told]) -> None:
    """Its template, on its results, prints what it says."""
    page = (PAGES / "analysis.md").read_text()
    template, results = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    said = re.search(r"```console\n\$ towpath [^\n]*\n(.*?)```", page, re.DOTALL)
    assert said is not None
    told = tried(template, results, "--arg", "host=shop.example")
    assert (told.code, told.err) == (0, "")
    assert told.out == said[1]


def test_the_page_of_the_bench_is_true() -> None:
    """Its question has its answer, and it names all questions."""
    page = (PAGES / "analysis-bench.md").read_text()
    said = re.search(r"```console\n\$ echo '(.*?)' \|[^\n]*\n(.*?)\n```", page, re.DOTALL)
    assert said is not None
    assert AnalysisBench().answer(said[1]) == said[2]
    assert sorted(re.findall(r"^\| `(analysis_\w+)`", page, re.MULTILINE)) == (
        AnalysisBench().questions
    )


def test_exit_codes(tried: Callable[..., Told]) -> None:
    """0 Successful, 2 not, 3 not ended."""
    good, bad = "smoke: [{value: shop.example}]", "smoke: [{value: other}]"
    assert tried(_template(), good).code == 0
    told = tried(_template(), bad)
    assert told.code == 2
    assert told.lines[-1] == (
        'Failed: Metric "smoke" assessed Failed due to failed (1) > failureLimit (0)'
    )
    told = tried(_template(), good, "--until", "10s")
    assert (told.code, told.lines[-1]) == (
        3,
        "Running: it had not ended when the clock was stopped",
    )
    told = tried(_template(), good, "--terminate-at", "10s")
    assert (told.code, told.lines[-1]) == (0, "Successful: Run Terminated")


def test_arguments_are_put_in(tried: Callable[..., Told]) -> None:
    """Whatever stands in them; an unknown one is an error."""
    told = tried(_template(), "smoke: [{value: a=b}]", "--arg", "host=a=b")
    assert told.code == 0
    told = tried(_template(), "smoke: [{value: 1}]", "--arg", "hots=x")
    assert (told.code, told.err) == (
        1,
        "towpath: no template declares args.hots; declared is host\n",
    )
    assert "write NAME=VALUE" in tried(_template(), "smoke: [{value: 1}]", "--arg", "host").err


def test_other_templates_of_the_file_may_be_named(tried: Callable[..., Told]) -> None:
    """Of the cluster, too."""
    named = "[{templateName: more}, {templateName: wide, clusterScope: true}]"
    both = "---".join(
        [
            _template("smoke", named),
            _template("more"),
            _template("wide", kind="ClusterAnalysisTemplate"),
        ]
    )
    results = "".join(f"{name}: [{{phase: Successful}}]\n" for name in ("smoke", "more", "wide"))
    told = tried(both, results, "-o", "json")
    assert told.code == 0
    found = json.loads(told.out)
    assert [each["name"] for each in found["status"]["metricResults"]] == ["smoke", "more", "wide"]
    assert found["timeline"][0] == {
        "at": "0s",
        "metric": "smoke",
        "measurement": 1,
        "phase": "Successful",
        "text": "",
    }
    lost = tried(_template("smoke", named), results)
    assert (
        'AnalysisTemplate "more", which AnalysisTemplate "smoke" names, does not exist' in lost.err
    )


@pytest.mark.parametrize(
    ("template", "results", "said"),
    [
        ("kind: Stage\napiVersion: kargo.akuity.io/v1alpha1\n", "{}", "it is no AnalysisTemplate"),
        ("", "{}", "it holds no template"),
        (_template().replace("interval: 30s", "interval: soon"), "{}", "spec.metrics[0].interval"),
        (_template(), "smoke: []", "results.smoke: a list of results is wanted"),
        (_template(), "smoke: [{phase: Good}]", "results.smoke[0].phase: a measurement does not"),
        (_template(), "smoke: [{val: 1}]", "results.smoke[0].val: nothing is called so"),
        (_template(), "smoke: [{value: 1, error: x}]", "it has value and error"),
        (_template(), "smoke: [{takes: x}]", "results.smoke[0].takes: this is no span of time"),
        (_template(), "smok: [{value: 1}]", 'there is no metric "smok"; there are smoke'),
        (_template(), "{}", 'metric "smoke" is measured and has none'),
        (
            _template().replace("30s", "0s").replace("count: 2", "count: 0"),
            "smoke: [{phase: Successful}]",
            "passes at 0s",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    template: str, results: str, said: str, tried: Callable[..., Told]
) -> None:
    """With the place, and exit code 1."""
    told = tried(template, results)
    assert told.code == 1
    assert said in told.err


def test_a_spec_that_cannot_be_run_is_an_error_at_once(tried: Callable[..., Told]) -> None:
    """As a run would be."""
    told = tried(_template().replace("interval: 30s", ""), "smoke: [{value: 1}]", "-o", "yaml")
    assert told.code == 2
    found = msgspec.yaml.decode(told.out)
    assert found["phase"] == "Error"
    assert "interval must be specified when count > 1" in found["message"]
