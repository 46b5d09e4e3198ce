"""Sets scalars in an HCL text. Every byte outside them stays as it is.

The edit is proved: the text is read again, its tokens are what they were but for the scalars', and each key leads to its
value.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.documents import encoding, grammars, key_path
from towpath.documents.edits import Change, Edited
from towpath.documents.hcl import literals, places
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tree_sitter import Node

    from towpath.documents.edits import Update

_LONGEST_SHOWN: Final = 200
_EXPONENT: Final = re.compile(
    rb'"(?:[^"\\\n]|\\.)*+"|#[^\n]*+|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|((?<![\w.])[0-9]++[eE][-+]?[0-9]++)'
)


def update(data: bytes, updates: Sequence[Update], *, source: str) -> Edited:
    """Return a text with scalars set; of two updates of one scalar the later one counts.

    `source` names the text in errors. Raises BadRequest for what is no UTF-8 or no HCL, for keys that do not exist or lead to
    something else than a scalar, for values that are none, and for an edit that does not read back.
    """
    head = encoding.decoded(data, source)[0].encode()
    body = data[len(head) :]
    root = _tree(body)
    if root.has_error:
        line, column = places.first_error(root)
        raise BadRequest(f"{source}: line {line}, column {column}: it is not valid HCL")
    wanted: dict[tuple[int, int], tuple[Update, int]] = {}
    for each in updates:
        node = _found(root, each, source)
        wanted[node.start_byte, node.end_byte] = each, node.start_point.row + 1
        del node
    changes: list[Change] = []
    pieces, position = list[bytes](), 0
    for (start, end), (each, line) in sorted(wanted.items(), key=lambda item: item[0]):
        # Of the text itself: the tree may have other digits there.
        written = body[start:end].decode()
        changes.append(Change(each.key, line, literals.told(written), each.value))
        if not literals.reads_as(written, each.value):
            pieces += [body[position:start], literals.rendered(each.value).encode()]
            position = end
    if not pieces:
        return Edited(data, tuple(changes))
    tokens = _tokens(root, wanted)
    del root  # A tree takes a hundred times its text: it goes before there is another.
    after = b"".join((*pieces, body[position:]))
    last = [each for each, _ in wanted.values()]
    if not _proves(tokens, after, last):
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


def _proves(tokens: bytes, after: bytes, wanted: Sequence[Update]) -> bool:
    """Whether a text has the tokens of `tokens`, but for the scalars', and each key leads to its value."""
    root = _tree(after)
    if root.has_error:
        return False
    spans: list[tuple[int, int]] = []
    for each in wanted:
        try:
            node = places.find(root, key_path.split(each.key))
        except BadRequest:
            return False
        spans.append((node.start_byte, node.end_byte))
        if not literals.reads_as(after[node.start_byte : node.end_byte].decode(), each.value):
            return False
    return _tokens(root, spans) == tokens


def _tokens(root: Node, but: Collection[tuple[int, int]]) -> bytes:
    """Return what stands for all tokens of a text, each scalar of `but` as one that may be any.

    It is a digest, and a cursor goes through the tokens, so that neither they nor their nodes are kept.
    """
    spans = frozenset(but)
    found = hashlib.blake2b()
    cursor = root.walk()
    while (node := cursor.node) is not None:
        if (node.start_byte, node.end_byte) in spans:
            found.update(b"*")
        elif cursor.goto_first_child():
            continue
        else:
            text = node.text or b""
            found.update(b"%d %d " % (node.kind_id, len(text)) + text)
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found.digest()
    return found.digest()
