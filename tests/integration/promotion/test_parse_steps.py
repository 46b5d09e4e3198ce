"""The steps that put out values of a file: what each format says, and whatever may be wrong with a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import steps
from towpath.promotion.steps.hcl_update import HclUpdate
from towpath.promotion.steps.json_parse import JsonParse
from towpath.promotion.steps.json_update import JsonUpdate
from towpath.promotion.steps.toml_parse import TomlParse
from towpath.promotion.steps.toml_update import TomlUpdate
from towpath.promotion.steps.yaml_parse import YamlParse
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.runtime.aside import LIGHT, Aside

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.step import Outcome

UPDATERS: list[Any] = [JsonUpdate(), TomlUpdate(), HclUpdate(), YamlUpdate()]
PARSERS: dict[str, Any] = {"json": JsonParse(), "yaml": YamlParse(), "toml": TomlParse()}


async def _parsed(root: Path, form: str, text: str | bytes, *expressions: str) -> Outcome:
    data = text if isinstance(text, bytes) else text.encode()
    (root / "f").write_bytes(data)
    outputs = [
        {"name": f"x{place}", "fromExpression": each} for place, each in enumerate(expressions)
    ]
    outcome = await steps.run(PARSERS[form], root, {"path": "f", "outputs": outputs})
    assert (root / "f").read_bytes() == data
    return outcome


@pytest.mark.parametrize(
    ("form", "text", "expression", "value"),
    [
        ("yaml", "yes: no\n", "yes", "no"),
        ("yaml", "n: 1\ny: 2\n", "y + n", 3),
        ("yaml", "8080: a\n", '$env["8080"]', "a"),
        ("yaml", "a: 0o17\nb: 017\nc: 1_000\nd: 1.5\ne: TRUE\nf: ~\n", "[a, b, c, d, e, f]", [15, 15, 1000, 1.5, True, None]),
        ("yaml", "a: 2024-01-01\nb: !!str 5\nc: !ref x\nd: !own {a: 1}\ne: !!int \"7\"\n", "[a, b, c, d, e]",
         ["2024-01-01", "5", "x", {"a": 1}, 7]),
        ("yaml", "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n", "[c, d]", [{"b": 1}, {"b": 1, "e": 2}]),
        ("yaml", "\ufeff# c\n---\na: 1\n---\n[\n", "a", 1),
        ("yaml", "- a\n- b\n", "$env[1]", "b"),
        ("yaml", "null\n", "$env", None),
        ("yaml", "a: .inf\n", "a > 1", True),
        ("json", '{"a": 12345678, "b": 1e3, "c": 0.5}', "[a, b, c, type(a)]", [12345678, 1000, 0.5, "float"]),
        ("json", '[1, {"a": 2}]', "$env[1].a", 2),
        ("json", '{"a": 1, /* c */ "b": [2,],}', "b", [2]),
        ("json", '{"a": 1, "a": 2}', "a", 2),
        ("toml", "a = 2024-01-02T03:04:05Z\nb = 2024-01-02\nc = 03:04:05\n", "[a, a.Year(), b, c]",
         ["2024-01-02T03:04:05Z", 2024, "2024-01-02", "03:04:05"]),
        ("toml", "a = 1\r\nb = 2.0\n[[c]]\nd = inf\n", "[a, b, type(b), c[0].d > 1]", [1, 2, "float", True]),
        ("toml", "a = 1\n", "now().Year()", 2026),
    ],
)  # fmt: skip
async def test_what_documents_say(
    form: str, text: str, expression: str, value: Any, tmp_path: Path
) -> None:
    """To the expressions of the step."""
    ran = await _parsed(tmp_path, form, text, expression)
    assert steps.told(ran) == "put out x0 of f"
    assert ran.output == {"x0": value}


@pytest.mark.parametrize(
    ("form", "text", "expression", "said"),
    [
        ("json", "", "1", "f: the file is empty"),
        ("yaml", " \n", "1", "f: the file is empty"),
        ("yaml", "# c\n", "1", "f: there is nothing in it"),
        ("toml", b"a = '\xff'", "1", "f: byte 5 is not UTF-8"),
        ("json", "{", "1", "f: line 1, column 2: it is not valid JSON"),
        ("json", '{"a": 1e999}', "1", "more than a number can be"),
        ("yaml", "a: [\n", "1", "f: line 2, column 1"),
        ("yaml", "a: 1\na: 2\n", "1", 'key "a" is already set on line 1'),
        ("yaml", "[" * 300 + "]" * 300, "1", "200"),
        ("toml", "a = \n", "1", "f: it is not valid TOML: Invalid value (at line 1"),
        ("toml", "a = 1\na = 2\n", "1", "it is not valid TOML"),
        ("toml", f"a = {'[' * 2000}", "1", "nested too deep"),
        ("toml", f"a = {'9' * 5000}", "1", "it is not valid TOML"),
        ("yaml", "a: .nan\n", "a", "output 'x0'"),
        ("json", "[1]", "a", "the document is no object, so it has no names; write $env"),
        ("json", "{}", "a.b", "f: output 'x0': cannot fetch b"),
        ("json", "{}", "secret('x')", "output 'x0'"),
        ("json", "{}", "((", "output 'x0'"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told(
    form: str, text: str | bytes, expression: str, said: str, tmp_path: Path
) -> None:
    """The step is Errored, and may be tried again."""
    ran = await _parsed(tmp_path, form, text, expression)
    assert (*steps.said(ran), ran.output) == ("Errored", False, None)
    assert said in steps.told(ran)


async def test_what_is_much_leaves_the_event_loop(tmp_path: Path) -> None:
    """A large file, and an expression on a small one that is much work."""
    weights = list[int]()

    class Noting(Aside):
        async def run(self, *given: Any, weight: int, **more: Any) -> Any:
            weights.append(weight)
            return await super().run(*given, weight=weight, **more)

    (tmp_path / "f").write_text('{"a": [1, 2]}')
    (tmp_path / "g").write_text('{"a": "' + "x" * 300_000 + '"}')
    async with Noting() as aside:
        heavy = {
            "path": "f",
            "outputs": [{"name": "x", "fromExpression": "count(1..300000, # % 2 == 0)"}],
        }
        assert (await steps.run(PARSERS["json"], tmp_path, heavy, aside=aside)).output == {
            "x": 150_000
        }
        large = {"path": "g", "outputs": [{"name": "x", "fromExpression": "len(a)"}]}
        assert (await steps.run(PARSERS["yaml"], tmp_path, large, aside=aside)).output == {
            "x": 300_000
        }
    assert weights[0] <= LIGHT < weights[1]
    assert weights[2] > LIGHT


@pytest.mark.parametrize("step", [*PARSERS.values(), *UPDATERS], ids=lambda step: step.name)
async def test_what_is_no_file_of_the_work_directory(step: Any, tmp_path: Path) -> None:
    """A missing file, a folder, a link that leads out of it: all are told, and nothing outside is read."""
    root = tmp_path / "work"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text('{"a": 1}')
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to("loop")
    rest = (
        {"updates": [{"key": "a", "value": 2}]}
        if step.name.endswith("-update")
        else {"outputs": [{"name": "x", "fromExpression": "a"}]}
    )
    for path, said in [
        ("missing", "there is no such file"),
        ("folder", "is a directory, not a file"),
        ("link", "there is no such file"),
        ("../secret", "there is no such file"),
        ("loop", "too many symbolic links"),
    ]:
        ran = await steps.run(step, root, {"path": path, **rest})
        assert steps.said(ran) == ("Errored", False), path
        assert said in steps.told(ran)
    assert (tmp_path / "secret").read_text() == '{"a": 1}'
