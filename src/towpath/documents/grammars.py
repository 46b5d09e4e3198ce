"""Syntax trees of texts, by the grammars of tree-sitter: what stands where, in bytes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Grammar = Literal["toml", "hcl"]
COMMENT: Final = "comment"


def tree(data: bytes, grammar: Grammar) -> Node:
    """Return the root of a text's syntax tree; where the text is not of the grammar, `has_error` is true."""
    return _parser(grammar).parse(data).root_node


def parts(node: Node) -> list[Node]:
    """Return the children of a node that are no comments."""
    return [child for child in node.children if child.type != COMMENT]


def text(node: Node) -> str:
    """Return the text of a node."""
    return (node.text or b"").decode()


@cache
def _parser(grammar: Grammar) -> Parser:
    from tree_sitter import Language, Parser

    if grammar == "toml":
        import tree_sitter_toml

        return Parser(Language(tree_sitter_toml.language()))
    import tree_sitter_hcl

    return Parser(Language(tree_sitter_hcl.language()))
