"""One description of each call, which a client that waits and one that is awaited carry out, each in its way.

A method of `calls/` says what is asked and how the answer is read. `described` makes two of it: of a client that is
`Blocking` it returns the answer, of one that is `Awaiting` it returns what is awaited; both are known to type checkers.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    Generic,
    ParamSpec,
    Protocol,
    Self,
    TypeVar,
    overload,
)

from towpath import errors
from towpath.sdk import answers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

    from towpath.errors import TowpathError
    from towpath.resources.document import Document

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_LARGEST_PAGE: Final = 500
"""Items of a page that the server gives out at most."""

Query = dict[str, "str | list[str] | None"]
"""Query parameters by name; None leaves one out, a list repeats it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall(Generic[T]):
    """One request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[Any], T]
    """Makes what is returned of the answer, which is JSON; raises Unavailable for an answer that is none."""
    query: Query | None = None
    body: Any = None
    """Sent as JSON."""
    manifest: str | None = None
    """Sent as it is, in place of a body."""
    refused: Callable[[TowpathError], T] | None = None
    """Makes what is returned of a refusal, or raises it; without it, it is raised."""
    repeatable: bool | None = None
    """Whether nothing is done twice when it is sent twice; so for GET where it is not said."""

    @property
    def may_repeat(self) -> bool:
        """Whether it is sent again when the connection breaks off."""
        return self.method == "GET" if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that the server gives out page by page."""

    path: str
    query: Query | None = None
    most: int | None = None
    """How many items are wanted; None: all. Raises BadRequest, when it is carried out, for less than one."""


class Pages:
    """The pages of a listing, as they come: what is asked for next, and what was found so far."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._cursor: str | None = ""
        self.items: list[Document] = []

    def next(self) -> ApiCall[Document] | None:
        """Return the call for the next page; None where nothing more is wanted, or there. Raises BadRequest."""
        most = self._listing.most
        if most is not None and most < 1:
            raise errors.BadRequest(f"limit: {most} is not above 0")
        left = None if most is None else most - len(self.items)
        if self._cursor is None or (left is not None and left <= 0):
            return None
        query: Query = {
            **(self._listing.query or {}),
            "limit": str(min(left, _LARGEST_PAGE)) if left is not None else None,
            "cursor": self._cursor or None,
        }
        path = self._listing.path
        return ApiCall(method="GET", path=path, query=query, read=answers.document)

    def take(self, page: Document) -> None:
        """Take a page. Raises Unavailable for one that is none, or goes on where it began."""
        self.items += answers.items_of(page, "items")
        del self.items[self._listing.most or len(self.items) :]
        cursor = page.get("cursor") or None
        if cursor is not None and cursor == self._cursor:
            raise errors.Unavailable("the server answered with pages that do not end")
        self._cursor = str(cursor) if cursor is not None else None


class Decoder(Protocol[T_co]):
    """Puts the lines of a stream together."""

    def take(self, line: bytes) -> T_co | None:
        """Take the next line; return what it completes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening(Generic[T]):
    """A stream of events, until the server ends it."""

    path: str
    decoder: Callable[[], Decoder[T]]
    query: Query | None = None
    remaining: Callable[[], float] | None = None
    """Tells how many seconds are left; without it the stream may take as long as it does."""


class Blocking:
    """A client that waits for answers."""

    def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out."""
        raise NotImplementedError

    def listen(self, listening: Listening[T]) -> Generator[T, None, None]:
        """Yield what a stream tells."""
        raise NotImplementedError

    def gather(self, listing: Listing) -> list[Document]:
        """Return the items of all pages that are wanted."""
        pages = Pages(listing)
        while (call := pages.next()) is not None:
            pages.take(self.perform(call))
        return pages.items


class Awaiting:
    """A client whose answers are awaited."""

    async def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out."""
        raise NotImplementedError

    def listen(self, listening: Listening[T]) -> AsyncGenerator[T, None]:
        """Yield what a stream tells."""
        raise NotImplementedError

    async def gather(self, listing: Listing) -> list[Document]:
        """Return the items of all pages that are wanted."""
        pages = Pages(listing)
        while (call := pages.next()) is not None:
            pages.take(await self.perform(call))
        return pages.items


class Described(Generic[P, T]):
    """A method that describes a call, and is it."""

    def __init__(self, describe: Callable[Concatenate[Any, P], ApiCall[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Awaiting, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self

        @functools.wraps(self.describe)
        def call(*args: P.args, **kwargs: P.kwargs) -> Any:
            return instance.perform(self.describe(instance, *args, **kwargs))

        return call


class Listed(Generic[P]):
    """A method that describes a listing, and is it: all of its pages."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Listing]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Blocking, owner: type) -> Callable[P, list[Document]]: ...
    @overload
    def __get__(
        self, instance: Awaiting, owner: type
    ) -> Callable[P, Coroutine[Any, Any, list[Document]]]: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self

        @functools.wraps(self.describe)
        def gather(*args: P.args, **kwargs: P.kwargs) -> Any:
            return instance.gather(self.describe(instance, *args, **kwargs))

        return gather


class Streamed(Generic[P, T]):
    """A method that describes a stream, and is it."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Listening[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Blocking, owner: type) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(self, instance: Awaiting, owner: type) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self

        @functools.wraps(self.describe)
        def listen(*args: P.args, **kwargs: P.kwargs) -> Any:
            return instance.listen(self.describe(instance, *args, **kwargs))

        return listen


def described(describe: Callable[Concatenate[Any, P], ApiCall[T]]) -> Described[P, T]:
    """Make a call of a method that describes one."""
    return Described(describe)


def listed(describe: Callable[Concatenate[Any, P], Listing]) -> Listed[P]:
    """Make a list of all pages of a method that describes one."""
    return Listed(describe)


def streamed(describe: Callable[Concatenate[Any, P], Listening[T]]) -> Streamed[P, T]:
    """Make a stream of a method that describes one."""
    return Streamed(describe)
