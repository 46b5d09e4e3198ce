"""The forms in which objects are printed: kubectl's JSONPath templates, Go's templates, KYAML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from towpath.cli.forms import gotemplate, jsonpath_template, kyaml
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

VALUE: dict[str, Any] = {
    "metadata": {"name": "prod", "labels": {"a.b": "c"}},
    "items": [{"name": "x", "n": 1}, {"name": "y", "n": 2.5, "s": "b2s=", "deep": {"k": ["v"]}}],
    "big": 9007199254740993,
    "yes": True,
    "none": None,
    "html": "<a href='x'>&\"",
}
STAGES: list[dict[str, Any]] = [
    {"metadata": {"name": name, "managedFields": [{}]}} for name in ("test", "prod")
]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.metadata.name}", "prod"),
        ("name: {.metadata.name}!", "name: prod!"),
        (r'{range .items[*]}{.name}{"\t"}{.n}{"\n"}{end}', "x\t1\ny\t2.5\n"),
        ("{range .items[*]}{range .deep.k[*]}<{@}>{end}{end}", "<v>"),
        ("{.items[*].name}", "x y"),
        ("{.items[*]['name','n']}", "x y 1 2.5"),
        ('{.items[?(@.name=="y")].n}', "2.5"),
        ("{.items[?(@.s)].name}", "y"),
        (r"{.metadata.labels.a\.b}", "c"),
        ("{.metadata.labels}", '{"a.b":"c"}'),
        ("{.nope}{.metadata.nope.more}|", "|"),
        ("{.big} {.yes} {.none}", "9007199254740993 true null"),
        ("{.items[-1].name}", "y"),
        (".metadata.name", ".metadata.name"),
        ('{"}"}', "}"),
    ],
)
def test_jsonpath(template: str, text: str) -> None:
    """As kubectl prints it."""
    assert jsonpath_template.text(jsonpath_template.parse(template), VALUE) == text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{end}", "without its {range"),
        ("{range .items[*]}x", "without its {end}"),
        ("{.a", "no closing brace"),
        ("{.items[7]}", "out of bounds"),
        ("{range .items[*]}" * 12 + "{end}" * 12, "in one another"),
        ("x" * 5000, "longer than"),
    ],
)
def test_jsonpath_that_goes_wrong(template: str, said: str) -> None:
    """Says what."""
    with pytest.raises(BadRequest, match=said):
        jsonpath_template.text(jsonpath_template.parse(template), VALUE)


def test_jsonpath_may_be_told_to_miss_nothing() -> None:
    """`--allow-missing-template-keys=false`."""
    parsed = jsonpath_template.parse("{.nope}")
    with pytest.raises(BadRequest, match="nope is not found"):
        jsonpath_template.text(parsed, VALUE, allow_missing=False)
    as_json = jsonpath_template.as_json(jsonpath_template.parse("{.items[*].n}"), VALUE)
    assert json.loads(as_json) == [1, 2.5]
    with pytest.raises(BadRequest, match="no range"):
        jsonpath_template.as_json(jsonpath_template.parse("{range .a}{end}"), VALUE)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.metadata.name}}", "prod"),
        ('{{range .items}}{{.name}}{{"\\n"}}{{end}}', "x\ny\n"),
        ("{{range $i, $e := .items}}{{$i}}={{$e.name}};{{end}}", "0=x;1=y;"),
        ("{{range $k, $v := .metadata.labels}}{{$k}}:{{$v}}{{end}}", "a.b:c"),
        ("{{range .nope}}x{{else}}none{{end}}", "none"),
        ("{{range 3}}{{.}}{{end}}", "012"),
        ("{{range .items}}{{if .s}}{{.s | base64decode}}{{break}}{{end}}{{continue}}{{end}}", "ok"),
        ("{{.nope}} {{.nope.more}}", "<no value> <no value>"),
        ('{{if eq .metadata.name "prod"}}a{{else}}b{{end}}', "a"),
        ("{{if .nope}}a{{else if .yes}}b{{else}}c{{end}}", "b"),
        (
            "{{with .metadata}}{{.name}}{{end}}{{with .nope}}x{{else with .yes}}{{.}}{{end}}",
            "prodtrue",
        ),
        ('{{index .metadata.labels "a.b"}} {{(index .items 0).name}}', "c x"),
        (
            '{{ printf "%-5s|%03d|%.2f|%q|%v|%%|%t|%x" "ab" 7 2.5 "q" .yes .yes 255 }}',
            'ab   |007|2.50|"q"|true|%|true|ff',
        ),
        (
            '{{printf "%d" "x"}} {{printf "%s"}} {{printf "a" 1}}',
            "%!d(x) %!s(MISSING) a%!(EXTRA 1)",
        ),
        ("{{- /* said */ -}}  x  {{- ` y` -}}  z", "x yz"),
        ("{{$x := 1}}{{range .items}}{{$x = .n}}{{end}}{{$x}}", "2.5"),
        ("{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1"),
        ('{{define "t"}}<{{.}}>{{end}}{{template "t" .metadata.name}}', "<prod>"),
        ('{{block "b" .yes}}[{{.}}]{{end}}', "[true]"),
        (
            "{{.metadata}} {{.items}} {{.none}}",
            "map[labels:map[a.b:c] name:prod] [map[n:1 name:x] map[deep:map[k:[v]] n:2.5 name:y s:b2s=]] <no value>",
        ),
        (
            '{{and .yes .nope}} {{or .nope "z"}} {{not .nope}} {{len .items}} {{len "äb"}}',
            "<no value> z true 2 3",
        ),
        ("{{and (gt (len .items) 1) (le 1 2) (lt 1 2.5) (ge 2 2) (ne 1 2)}}", "true"),
        (
            '{{eq .metadata.name "a" "prod"}} {{exists .metadata "name"}} {{exists .items 7}}',
            "true true false",
        ),
        (
            '{{html .html}} {{urlquery "a b&"}} {{js "it\'s"}}',
            "&lt;a href=&#39;x&#39;&gt;&amp;&#34; a+b%26 it\\'s",
        ),
        ('{{print 1 2 "a" 3}} {{println "a" 1}}', "1 2a3 a 1\n"),
        ('{{slice "hello" 1 3}} {{"a" | printf "%s-%s" "b"}}', "el b-a"),
        ("{{0x10}} {{'a'}} {{1e3}} {{1_000}} {{-2}}", "16 97 1000 1000 -2"),
        ("{{.big}}", "9007199254740993"),
        ("a{{`raw \\n`}}", "araw \\n"),
        ('{{"\\u00e4\\x41\\t"}}', "äA\t"),
        ("{{$.metadata.name}}{{range .items}}{{$.metadata.name}}{{end}}", "prodprodprod"),
    ],
)
def test_go_templates(template: str, text: str) -> None:
    """As Go prints it."""
    assert gotemplate.run(gotemplate.parse(template), VALUE) == text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{.a", "closes it"),
        ("{{}}", "empty action"),
        ("{{end}}", "without what it belongs to"),
        ("{{if .a}}", "before the {{end}}"),
        ("{{nope .a}}", "no function 'nope'"),
        ("{{.a.b | }}", "missing"),
        ("{{(.a}}", "without its"),
        ("{{.a)}}", "without its"),
        ("{{$x}}", r"no variable \$x"),
        ("{{break}}", "in a range"),
        ("{{template .x}}", "name of a template"),
        ('{{template "x"}}', "no template 'x'"),
        ("{{.metadata.name.more}}", "can't evaluate field more"),
        ("{{index .items 9}}", "out of range"),
        ("{{index .items true}}", "cannot index"),
        ("{{eq .yes 1}}", "incompatible types"),
        ("{{lt .items 1}}", "incompatible types"),
        ("{{len .yes}}", "len of a truth value"),
        ("{{not}}", "wrong number"),
        ("{{.yes .big}}", "no function"),
        ("{{range .big}}x{{end}}", "more than"),
        ('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', "in one another"),
        ("{{if .a}}" * 50 + "{{end}}" * 50, "in one another"),
        ("{{" + "(" * 50 + "1" + ")" * 50 + "}}", "in one another"),
        ("{{1 % 2}}", "no meaning there"),
        ('{{"\\q"}}', "no text of Go"),
        ("{{1 := 2}}", "must be a variable"),
        ('{{base64decode "*"}}', "not base64"),
    ],
)
def test_go_templates_that_go_wrong(template: str, said: str) -> None:
    """Say what, whether they cannot be read or do not fit."""
    with pytest.raises(BadRequest, match=said):
        gotemplate.run(gotemplate.parse(template), VALUE)


def test_go_templates_may_be_told_to_miss_nothing() -> None:
    """`--allow-missing-template-keys=false`."""
    parsed = gotemplate.parse("{{.nope}}")
    with pytest.raises(BadRequest, match="no entry for key 'nope'"):
        gotemplate.run(parsed, VALUE, allow_missing=False)


@given(st.text(alphabet="{}.$|()\"'`-%: \\abrange1end", max_size=60))
def test_any_template_is_read_or_refused(template: str) -> None:
    """Nothing else happens, whatever was typed."""
    for read, run in (
        (jsonpath_template.parse, jsonpath_template.text),
        (gotemplate.parse, gotemplate.run),
    ):
        try:
            parsed: Any = read(template)
            run(parsed, VALUE)
        except BadRequest:
            pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_kyaml_reads_back_as_the_same(value: Any) -> None:
    """It is YAML, whatever the texts look like."""
    text = kyaml.dumped(value)
    if all(each.isprintable() or each == "\n" for each in text):
        assert yaml.safe_load(text) == value


def test_kyaml_looks_as_kubernetes_has_it() -> None:
    """Braces, texts in quotes, bare keys; a list of objects on one line with its braces."""
    value = {"kind": "List", "items": [{"no": "off"}, {"a.b/c": [1, True, None]}], "empty": {}}
    assert kyaml.dumped(value) == (
        '---\n{\n  kind: "List",\n  items: [{\n    "no": "off",\n  }, {\n    a.b/c: [\n      1,\n      true,\n      null,\n'
        "    ],\n  }],\n  empty: {},\n}\n"
    )


def test_forms_of_a_command(api: Api, call: Callable[..., Told], tmp_path: Path) -> None:
    """One by itself, several as a List; from options, from files; managed fields only if wanted."""
    stages = "/v1beta1/projects/shop/stages"
    api.answer("GET", stages, {"items": STAGES})
    api.answer("GET", f"{stages}/prod", STAGES[1])
    (tmp_path / "t").write_text("{{.kind}}")
    for arguments, out in (
        (("prod", "-o=jsonpath={.metadata.name}"), "prod"),
        (("prod", "-o", "jsonpath", "--template={.kind}"), "Stage"),
        (("-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'), "test\nprod\n"),
        (("-o", "go-template={{.kind}} {{len .items}}"), "List 2"),
        (("-o", "template", "--template", "{{.kind}}"), "List"),
        (("-o", f"go-template-file={tmp_path / 't'}"), "List"),
        (("-o", f"templatefile={tmp_path / 't'}"), "List"),
        (("prod", "-o", f"jsonpath-file={tmp_path / 't'}"), "{{.kind}}"),
        (("-o", "jsonpath-as-json={.items[*].metadata.name}"), '[\n    "test",\n    "prod"\n]\n'),
        (("prod", "-o", "jsonpath={.metadata.managedFields}"), ""),
        (("prod", "-o", "jsonpath={.metadata.managedFields}", "--show-managed-fields"), "[{}]"),
    ):
        told = call("get", "stages", *arguments)
        if arguments[-1].startswith("jsonpath-file"):
            assert told.code == 1  # Go's template is no JSONPath
            continue
        assert (told.code, told.out) == (0, out), told.err
    assert "managedFields" not in call("get", "stages", "-o", "yaml").out
    assert call("get", "stages", "prod", "-o", "kyaml").out.startswith(
        '---\n{\n  apiVersion: "kargo'
    )
    told = call(
        "get", "stages", "prod", "-o", "jsonpath={.x}", "--allow-missing-template-keys=false"
    )
    assert told.code == 1
    assert "x is not found" in told.err


def test_forms_of_what_is_no_object(api: Api, call: Callable[..., Told]) -> None:
    """Connections to Argo CD and verification debt are printed by templates, too."""
    api.answer("GET", "/towpath/v1/argocd", {"items": [{"name": "a"}, {"name": "b"}]})
    assert call("get", "argocd", "-o", "jsonpath={.items[*].name}").out == "a b"
    api.answer("GET", "/towpath/v1/projects/shop/debt", {"items": [], "since": "x"})
    assert call("get", "debt", "-o=go-template={{.since}}").out == "x"
