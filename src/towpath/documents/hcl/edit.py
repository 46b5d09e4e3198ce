"""Sets scalars in an HCL text. Every byte outside them stays as it is.

The edit is proved: the text is read again, its tokens are what they were but for the scalars', and each key leads to its
value.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.documents import grammars, key_path
from towpath.documents.edits import Change, Edited
from towpath.documents.hcl import literals, places
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from towpath.documents.edits import Update

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_SHOWN: Final = 200
_EXPONENT: Final = re.compile(
    rb'"(?:[^"\\\n]|\\.)*+"|#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|((?<![\w.])[0-9]++[eE][-+]?[0-9]++)'
)


def update(data: bytes, updates: Sequence[Update], *, source: str) -> Edited:
    """Return a text with scalars set; of two updates of one scalar the later one counts.

    `source` names the text in errors. Raises BadRequest for what is no UTF-8 or no HCL, for keys that do not exist or lead to
    something else than a scalar, for values that are none, and for an edit that does not read back.
    """
    head, body = (_BOM, data[len(_BOM) :]) if data.startswith(_BOM) else (b"", data)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{source}: byte {error.start + len(head)} is not UTF-8") from error
    root = _tree(body)
    if root.has_error:
        line, column = places.first_error(root)
        raise BadRequest(f"{source}: line {line}, column {column}: it is not valid HCL")
    wanted: dict[tuple[int, int], tuple[Update, Node]] = {}
    for each in updates:
        node = _found(root, each, source)
        wanted[node.start_byte, node.end_byte] = each, node
    changes: list[Change] = []
    pieces, position = list[bytes](), 0
    for (start, end), (each, node) in sorted(wanted.items(), key=lambda item: item[0]):
        # Of the text itself: the tree may have other digits there.
        written = body[start:end].decode()
        line = node.start_point.row + 1
        changes.append(Change(each.key, line, literals.told(written), each.value))
        if not literals.reads_as(written, each.value):
            pieces += [body[position:start], literals.rendered(each.value).encode()]
            position = end
    after = b"".join((*pieces, body[position:]))
    last = [each for each, _ in wanted.values()]
    if pieces and not _proves(root, after, last):
        keys = messages.first([each.key for each in last], 3)
        raise BadRequest(
            f"{source}: no way was found to set {keys} so that the file reads as before but for it; the file is left as it is"
        )
    return Edited(head + after, tuple(changes))


def _tree(data: bytes) -> Node:
    """Return the root of a text's syntax tree. The grammar does not know numbers such as `1e3`: there they are `111`."""
    known = _EXPONENT.sub(lambda found: b"1" * len(found[0]) if found[1] else found[0], data)
    return grammars.tree(known, "hcl")


def _found(root: Node, wanted: Update, source: str) -> Node:
    try:
        _ = literals.rendered(wanted.value)
        return places.find(root, key_path.split(wanted.key))
    except BadRequest as error:
        key = messages.cut(wanted.key, _LONGEST_SHOWN)
        named = "" if error.message.startswith("key ") else f"key {key!r}: "
        raise BadRequest(f"{source}: {named}{error.message}") from error


def _proves(before: Node, after: bytes, wanted: Sequence[Update]) -> bool:
    """Whether a text has the tokens it had but for the scalars', and each key leads to its value."""
    root = _tree(after)
    if root.has_error:
        return False
    paths = [key_path.split(each.key) for each in wanted]
    try:
        there, now = ([places.find(tree, path) for path in paths] for tree in (before, root))
    except BadRequest:
        return False
    written = [after[node.start_byte : node.end_byte].decode() for node in now]
    is_set = all(map(literals.reads_as, written, (each.value for each in wanted)))
    return is_set and all(
        one == other for one, other in zip_longest(_tokens(before, there), _tokens(root, now))
    )


def _tokens(root: Node, but: Sequence[Node]) -> Iterator[Any]:
    """Yield the tokens of a text, each scalar of `but` as one that stands for any.

    A cursor goes through them, so that there is one node at a time: as objects, all those of 2 MB take 500 MB.
    """
    places_ = {(node.start_byte, node.end_byte) for node in but}
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is None:
            return
        if (node.start_byte, node.end_byte) in places_:
            yield ()
        elif cursor.goto_first_child():
            continue
        else:
            yield node.type, node.text
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
