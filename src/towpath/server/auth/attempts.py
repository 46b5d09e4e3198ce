"""How often somebody may try to sign in: by address, and by account, without locking those out who do it rightly.

A try is counted before the password is looked at, so that many at once are as many. From one address there may be a few in
a quarter of an hour; a flood of it is refused before anything is computed, and nobody else is. Against a flood from many
addresses, an account takes so many failures altogether; beyond that, an address from which nobody ever signed in has a
single try, and those from which somebody did go on as before.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from towpath.errors import TooManyRequests
from towpath.server.auth import addresses

if TYPE_CHECKING:
    from towpath.clock import Clock

_MOST_ADDRESSES: Final = 10_000
_MOST_KNOWN: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimits:
    """What is let through."""

    seconds: float = 900.0
    """From the first try on, in which the others are counted with it."""
    per_address: int = 10
    per_network: int = 50
    """Of a network of IPv6 (`/48`), but for addresses in it from which somebody signed in before."""
    per_account: int = 100
    at_once: int = 2
    """Tries of one address that are under way."""


@dataclass(slots=True)
class _Count:
    began: float
    tries: int = 0
    under_way: int = 0


class LoginAttempts:
    """Counts tries to sign in."""

    def __init__(
        self,
        clock: Clock,
        limits: AttemptLimits | None = None,
        ended: Counter[str] | None = None,
    ) -> None:
        """`ended`: where others count as well how their tries end."""
        self._clock = clock
        self._limits = limits or AttemptLimits()
        self._addresses: OrderedDict[str, _Count] = OrderedDict()
        self._accounts: dict[str, _Count] = {}
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Accounts, and addresses from which somebody signed in as them."""
        self.ended: Counter[str] = Counter() if ended is None else ended
        """How many tries `succeeded`, `failed`, or were `refused` because there had been too many: for the metrics."""

    def begin(self, account: str, address: str) -> Attempt:
        """Count a try. Raises TooManyRequests, with the seconds after which there may be another.

        `account`: one that there is, or one name for all that there are not: so many are kept.
        """
        place = addresses.counted(address)
        count = self._count(place)
        wide = addresses.network(address)
        of_network = self._count(wide) if wide else None
        if count.under_way >= self._limits.at_once:
            self.ended["refused"] += 1
            raise TooManyRequests("a sign-in from this address is still being looked at", seconds=1)
        of_account = self._of_account(account)
        is_known = (account, place) in self._known
        crowded = of_account.tries >= self._limits.per_account and not is_known
        full = [count] if count.tries >= (1 if crowded else self._limits.per_address) else []
        if of_network is not None and not is_known and of_network.tries >= self._limits.per_network:
            full.append(of_network)
        if full:
            left = max(map(self._left, full))
            self.ended["refused"] += 1
            raise TooManyRequests(
                f"too many failed sign-ins from this address; try again in {left:.0f} seconds",
                seconds=left,
            )
        counts = tuple(each for each in (count, of_network, of_account) if each is not None)
        for each in counts:
            each.tries += 1
        count.under_way += 1
        return Attempt(self, account, place, count, counts)

    def _count(self, place: str) -> _Count:
        found = self._addresses.get(place)
        if found is not None and (self._left(found) > 0 or found.under_way):
            return found
        self._addresses.pop(place, None)
        count = self._addresses[place] = _Count(self._clock.monotonic())
        while len(self._addresses) > _MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        return count

    def _of_account(self, account: str) -> _Count:
        found = self._accounts.get(account)
        if found is None or self._left(found) <= 0:
            found = self._accounts[account] = _Count(self._clock.monotonic())
        return found

    def _left(self, count: _Count) -> float:
        return count.began + self._limits.seconds - self._clock.monotonic()

    def note_success(self, account: str, place: str) -> None:
        """Forget the tries from an address, and remember that somebody signed in from it."""
        self._addresses.pop(place, None)
        self._known[account, place] = None
        self._known.move_to_end((account, place))
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)


class Attempt:
    """One try, as a context: it is under way until the context ends."""

    def __init__(
        self,
        attempts: LoginAttempts,
        account: str,
        place: str,
        count: _Count,
        counts: tuple[_Count, ...],
    ) -> None:
        """`count`: of the address; `counts`: all in which the try is counted."""
        self._attempts = attempts
        self._account = account
        self._place = place
        self._count = count
        self._counts = counts
        self._was_right = False
        self._is_undecided = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._count.under_way -= 1
        if self._is_undecided:
            self._take_back()
        self._attempts.ended["succeeded" if self._was_right else "failed"] += 1

    def undecided(self) -> None:
        """Note that nobody could tell whether it was right: it does not count."""
        self._is_undecided = True

    def succeeded(self) -> None:
        """Note that it was right."""
        self._was_right = True
        self._take_back()
        self._attempts.note_success(self._account, self._place)

    def _take_back(self) -> None:
        for each in self._counts:
            each.tries -= 1
