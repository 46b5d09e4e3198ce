"""The values of the language, and what Python has no word for.

nil is None; booleans, integers (64 bits), floats, texts, bytes, lists and dicts are Python's. A bool is never
a number here. Maps with other keys than text are `AnyMap`; typed results of functions are `Record`s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGN: Final = 1 << 63
_MASK: Final = (1 << 64) - 1


class Failure(Exception):  # noqa: N818 - becomes an ExpressionError when its place is known
    """Evaluation cannot go on; the text says why."""

    def __init__(self, text: str, *, bare: str = "") -> None:
        """`bare`: the text without the values in it, where it quotes some."""
        super().__init__(text)
        self.bare = bare or text


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that planning cannot know yet; it travels through everything that is made from it."""

    source: str
    """What it will come from, such as the name of a step."""
    text: str = ""
    """A text in which it stands, as far as that is known."""

    def __str__(self) -> str:
        return self.text or f"(known after {self.source})"


@dataclass(frozen=True, slots=True)
class Function:
    """A function value: registered ones, and builtins used as values."""

    name: str
    call: Callable[..., Any]
    reads: bool = False
    """Whether it needs data: it gets what is known as its first argument."""


class NilList(list[Any]):
    """The list that a missing key of a map of lists gives: empty, and nil to `??` and `?.`."""


class Texts(dict[str, str]):
    """A map of texts to texts: a key that is not there gives the empty text."""


class PairList(list[Any]):
    """What `toPairs` gives: a list of a type of its own, equal to its like only."""


class Record:
    """A value of a named type with fields, as functions return it; fields may be absent from JSON if empty."""

    __slots__ = ("fields", "json", "methods", "text", "type")

    def __init__(
        self,
        type_: str,
        fields: dict[str, Any],
        *,
        json: dict[str, Any] | None = None,
        methods: dict[str, Callable[..., Any]] | None = None,
        text: str | None = None,
    ) -> None:
        self.type = type_
        """Go's name of it, such as `v1alpha1.Image`."""
        self.fields = fields
        self.json = json
        """How it is written as JSON; None: as `text`."""
        self.methods = methods or {}
        self.text = text
        """How it is written as text; None: as Go writes a struct."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self.type, self.fields, self.text) == (
            other.type,
            other.fields,
            other.text,
        )

    __hash__ = None  # type: ignore[assignment]  # it is mutable inside


class AnyMap:
    """A map with keys of any type, which tells 1 from 1.0 and true."""

    __slots__ = ("_entries", "missing")

    def __init__(self, *, missing: Callable[[], Any] = lambda: None) -> None:
        self._entries: dict[Any, tuple[Any, Any]] = {}
        self.missing = missing
        """What a key that is not there gives."""

    @staticmethod
    def _key(key: Any) -> Any:
        if key is None or isinstance(key, str):
            return key
        if isinstance(key, bool | int | float):
            return (type(key), key)
        if isinstance(key, list | dict | AnyMap | bytes | Record):
            raise Failure("cannot use a value of this type as a key of a map")
        return (type(key), key)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Any) -> bool:
        return self._key(key) in self._entries

    def get(self, key: Any) -> Any:
        """Return the value of a key, or what is given for a missing one."""
        found = self._entries.get(self._key(key))
        return self.missing() if found is None else found[1]

    def set(self, key: Any, value: Any) -> None:
        """Set the value of a key."""
        self._entries[self._key(key)] = (key, value)

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Yield keys and values, in the order the keys came."""
        return iter(self._entries.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyMap) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]  # it is mutable


def wrap(number: int) -> int:
    """Return an integer as 64 bits hold it."""
    return ((number + _SIGN) & _MASK) - _SIGN


def is_number(value: Any) -> bool:
    """Whether a value is an integer or float."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_int(value: Any) -> bool:
    """Whether a value is an integer."""
    return isinstance(value, int) and not isinstance(value, bool)


def alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two numbers as Go compares them: an integer beside a float as a float."""
    if isinstance(left, float) or isinstance(right, float):
        return float(left), float(right)
    return left, right


def is_nil(value: Any) -> bool:
    """Whether a value is nil, a typed one included."""
    return value is None or isinstance(value, NilList)


def type_name(value: Any) -> str:
    """Return the type of a value as messages and `type()` name it."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "string"
        case bytes() | list():
            return "array"
        case dict() | AnyMap():
            return "map"
        case Function():
            return "func"
        case Record():
            return value.type
        case Unknown():
            return "unknown"
        case _:
            return str(getattr(value, "TYPE", type(value).__name__))


def shown(value: Any) -> str:
    """Return the type of a value for an error: values themselves may be secret."""
    return "<nil>" if value is None else type_name(value)


def equal(left: Any, right: Any) -> bool:
    """`==`: numbers by value, lists and maps deeply, everything else only with its own type."""
    if is_nil(left) or is_nil(right):
        if isinstance(left, NilList) and isinstance(right, list):
            return not right
        if isinstance(right, NilList) and isinstance(left, list):
            return not left
        return is_nil(left) and is_nil(right)
    if is_number(left) and is_number(right):
        one, other = alike(left, right)
        return bool(one == other)
    if isinstance(left, bytes):
        left = list(left)
    if isinstance(right, bytes):
        right = list(right)
    if isinstance(left, PairList) != isinstance(right, PairList):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return same(left, right)


def same(left: Any, right: Any) -> bool:
    """Go's deep equality: as `==`, but an integer is not the float of its value."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
