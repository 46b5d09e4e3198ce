"""The functions of templates that keep a text a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.expressions import gotext
from towpath.expressions.static_types import ANY, STRING, Signature
from towpath.expressions.values import Failure, Function
from towpath.resources import scalars

if TYPE_CHECKING:
    from collections.abc import Mapping


def quote(value: Any) -> str:
    """Return a text as Go quotes it; anything else as `unsafeQuote` does."""
    return gotext.quoted(value) if isinstance(value, str) else unsafe_quote(value)


def unsafe_quote(value: Any) -> str:
    """Return a value's JSON between quotation marks."""
    return f'"{gotext.json_text(value)}"'


def as_json(value: Any) -> str:
    """Return a value's JSON, indented, between quotation marks."""
    return f'"{gotext.json_text(value, indent=2)}\n"'


def as_yaml(value: Any) -> str:
    """Return a value's YAML between quotation marks."""
    return f'"{yaml_text(value)}"'


class _Dumper(yaml.SafeDumper):
    """Writes as Go's YAML library does: lists indented within their keys, doubtful texts in double quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's signature
        """Indent lists like maps; what lies in a list's item stands right of its hyphen, then at the next step."""
        self.indents.append(self.indent)
        if self.indent is None:
            self.indent = self.best_indent if flow else 0
        elif self.states[-1] == self.expect_block_sequence_item:
            self.indent += 2
        else:
            self.indent = self.best_indent * (self.indent // self.best_indent + 1)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif _would_be_another_type(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _would_be_another_type(text: str) -> bool:
    if _TIMESTAMP.fullmatch(text) or text in ("<<", "="):
        return True
    try:
        return not isinstance(scalars.resolve(text), str)
    except ValueError:  # a number that JSON does not have
        return True


_TIMESTAMP: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?", re.ASCII)
_Dumper.add_representer(str, _represent_text)


def yaml_text(value: Any) -> str:
    """Return a value as YAML: four spaces, sorted keys, no line folded."""
    plain = gotext.plain(value)
    text: str = yaml.dump(
        _tidy(plain),
        Dumper=_Dumper,
        indent=4,
        default_flow_style=False,
        allow_unicode=True,
        width=1 << 30,
    )
    return text.removesuffix("...\n")


def _tidy(value: Any) -> Any:
    """Return whole floats as integers, as a round trip over JSON leaves them."""
    if isinstance(value, dict):
        return {key: _tidy(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def _one(name: str, call: Any) -> Function:
    def checked(*arguments: Any) -> Any:
        if len(arguments) != 1:
            raise Failure(f"expected 1 argument, got {len(arguments)}")
        return call(*arguments)

    return Function(name, checked)


QUOTING: Final[Mapping[str, Function]] = {
    "quote": _one("quote", quote),
    "unsafeQuote": _one("unsafeQuote", unsafe_quote),
    "asJSON": _one("asJSON", as_json),
    "asYAML": _one("asYAML", as_yaml),
}
SIGNATURES: Final[Mapping[str, Signature]] = {
    name: Signature(1, 1, (ANY,), STRING) for name in QUOTING
}
RESERVED: Final = frozenset({"quote", "asYAML", "asJSON"})
"""Names that an environment of a template must not have."""
