"""Hosts that do not answer, and when they are asked again.

Each try at a dead host takes as long as callers have patience, and holds up whoever stands behind it. So those who come
again anyway (looks at registries, say) are told at once what the last try came to, until somebody has tried once more:
one at a time, and ever more rarely.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.messages import FOREIGN_BYTES, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from towpath.clock import Clock

_ENOUGH: Final = 2
"""Failures in a row after which a host counts as one that does not answer: a single one may be anything."""
_FIRST_SECONDS: Final = 2.0
_LONGEST_SECONDS: Final = 60.0
_TOLD_SECONDS: Final = 3600.0
"""For how long after the last try a host counts as one that does not answer: of one that nobody asks any more nobody knows."""
_SPREAD: Final = 0.3
"""The part of a rest that is drawn, so that many servers of ours do not come back together."""
_MOST_KEPT: Final = 10_000
_insisted: ContextVar[tuple[HostHealth | None, int]] = ContextVar("towpath_insisted", default=(None, -1))  # fmt: skip
"""By whose order of events, and where in it, somebody began to insist on an answer; None: nobody does."""


@dataclass(slots=True)
class _Trouble:
    """What is known of a host that did not answer."""

    since: datetime
    cause: str = ""
    """What the last try came to, for operators: it may name what others have asked for."""
    kind: str = ""
    """The same for everybody."""
    failures: int = 0
    noted: int = -1
    """Stands in the order of events where the last failure was counted: what had begun before is of the same outage."""
    tried: float = float("-inf")
    """When it was asked last and did not answer, by the monotonic clock."""
    until: float = float("-inf")
    """Until when it is not asked."""
    is_tried: bool = False
    """Whether somebody is trying it."""


class HostHealth:
    """Remembers the hosts that did not answer."""

    def __init__(self, clock: Clock, *, draw: Callable[[], float] = random.random) -> None:
        """`draw` gives numbers from 0 to 1."""
        self._clock = clock
        self._draw = draw
        self._order = itertools.count()
        self._troubled: OrderedDict[tuple[str, str], _Trouble] = OrderedDict()

    @contextlib.contextmanager
    def asking(self, host: str, account: str = "") -> Iterator[None]:
        """Ask a host, `HOST:PORT`, while the context lasts: NoAnswer or Timeout out of it says that it did not answer.

        Accounts do not speak for one another: what one asks for may take too long, and all else not. Where none is used, the
        Project is given as one.
        Raises NoAnswer at once for a host that has not answered the account lately.
        """
        key = (host, account)
        known = self._troubled.get(key)
        is_ill = known is not None and known.failures >= _ENOUGH
        if known is not None and is_ill:
            whose, since = _insisted.get()
            is_insisted_on = whose is self and known.noted < since
            rests = self._clock.monotonic() < known.until and not is_insisted_on
            if known.is_tried or rests:
                raise errors.NoAnswer(
                    f"{host} has not answered since {known.since:%Y-%m-%dT%H:%M:%SZ} and is asked again before long: "
                    f"{known.kind}"
                )
            known.is_tried = True
        began = next(self._order)
        try:
            yield
        except (errors.NoAnswer, errors.Timeout) as error:
            self._failed(key, error, began)
            raise
        except errors.TooManyRequests:
            raise  # it may not have been asked at all
        except errors.TowpathError:
            self._troubled.pop(key, None)  # it answered, if not as one would wish
            raise
        else:
            self._troubled.pop(key, None)
        finally:
            if known is not None and is_ill:
                known.is_tried = False

    def silent(self) -> list[tuple[str, datetime, str]]:
        """Return the hosts that do not answer somebody, since when, and what the last try came to; the first of them first.

        Hosts that nobody has asked within an hour are left out.
        """
        found: dict[str, tuple[str, datetime, str]] = {}
        now = self._clock.monotonic()
        for (host, _), known in self._troubled.items():
            if known.failures < _ENOUGH or now - known.tried > _TOLD_SECONDS:
                continue
            if host not in found or known.since < found[host][1]:
                found[host] = (host, known.since, known.cause)
        return sorted(found.values(), key=lambda each: (each[1], each[0]))

    @contextlib.contextmanager
    def insisting(self) -> Iterator[None]:
        """Ask hosts while the context lasts although they rest: somebody wants to know at once how these are.

        Only who is in the context, and what is begun there, asks them; for everybody else they rest on. One that fails
        meanwhile rests for who insists as well.
        """
        token = _insisted.set((self, next(self._order)))
        try:
            yield
        finally:
            _insisted.reset(token)

    def _failed(self, key: tuple[str, str], error: errors.TowpathError, began: int) -> None:
        known = self._troubled.get(key)
        if known is None:
            known = self._troubled[key] = _Trouble(self._clock.now())
            while len(self._troubled) > _MOST_KEPT:
                self._troubled.popitem(last=False)
        if began < known.noted:
            return
        now = self._clock.monotonic()
        known.cause, known.kind = cut(error.message, FOREIGN_BYTES), _kind(error)
        known.noted = next(self._order)
        known.tried = now
        known.failures += 1
        if known.failures >= _ENOUGH:
            whole = _FIRST_SECONDS * 2.0 ** min(known.failures - _ENOUGH, 10)
            known.until = now + min(whole, _LONGEST_SECONDS) * (1.0 - _SPREAD * self._draw())


def _kind(error: errors.TowpathError) -> str:
    """Return what went wrong without a word of what was asked for: that may be another Project's affair."""
    if isinstance(error, errors.Timeout):
        return "the last answer did not come in time"
    if isinstance(error, errors.NoSuchHost):
        return "DNS knows no host of that name"
    return "the last time it could not be reached, or broke off"
