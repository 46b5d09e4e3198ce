"""Reads a small XML document as the object that the same message would be in JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST: Final = 50
_TEXT: Final = "#text"


def value(text: str) -> dict[str, Any]:
    """Return what stands in the root: attributes and children by name, those of one name as a list, leaves as texts.

    The name of the root does not matter. Raises BadRequest, also for a document with a DOCTYPE, which could blow it up.
    """
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.say
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise BadRequest(
            f"it is no XML: {expat.ErrorString(error.code)}, line {error.lineno}"
        ) from error
    found = reading.root
    return found if isinstance(found, dict) else {_TEXT: found} if found else {}


def _refuse(*_: object) -> None:
    raise BadRequest("XML with a DOCTYPE is not read; leave it out")


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.root: dict[str, Any] | str = ""
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise BadRequest(f"XML is read to a depth of {_DEEPEST}")
        self._open.append((name, dict(attributes), []))

    def say(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, fields, said = self._open.pop()
        text = "".join(said).strip()
        if fields and text:
            fields[_TEXT] = text
        found: dict[str, Any] | str = fields or text
        if not self._open:
            self.root = found
            return
        above = self._open[-1][1]
        if name not in above:
            above[name] = found
        elif isinstance(above[name], list):
            above[name].append(found)
        else:
            above[name] = [above[name], found]
