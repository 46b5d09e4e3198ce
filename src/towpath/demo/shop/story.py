"""What happened in the shop in the last three weeks: who built, moved and held what, how many hours ago."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PROJECT: Final = "online-shop"
STOREFRONT: Final = "storefront"
CHECKOUT: Final = "checkout"
PRODUCTS: Final = (STOREFRONT, CHECKOUT)
REGIONS: Final = ("eu", "us", "ap")
PLACES: Final = ("dev", "test", *REGIONS)
"""What a product has a Stage with steps for."""
_DAY: Final = 24.0
_ANA: Final = "ana@example.com"
_BEN: Final = "ben@example.com"
_CHI: Final = "chi@example.com"


@dataclass(frozen=True, slots=True)
class ShopBuild:
    """CI pushed the image of a version; `dev` and `test` take it by themselves."""

    hours_ago: float
    product: str
    version: str


@dataclass(frozen=True, slots=True)
class ShopMove:
    """Somebody promoted a version to a Stage."""

    hours_ago: float
    product: str
    version: str
    place: str
    who: str
    reason: str = ""
    fails: bool = False
    """Whether the Promotion is to end badly."""

    @property
    def stage(self) -> str:
        """The Stage's name."""
        return f"{self.product}-{self.place}"


Event = ShopBuild | ShopMove

FAULTY: Final = frozenset({(CHECKOUT, "1.7.0")})
"""What answers wrongly wherever it runs."""
FULL: Final = {
    (f"{STOREFRONT}-ap", "2.14.0"): 1,
    (f"{CHECKOUT}-ap", "1.6.0"): 2,
}
"""By Stage and version, how many times the region had no room for it."""


_ANA_SAYS: Final = f"Ana <{_ANA}>"
_BEN_SAYS: Final = f"Ben <{_BEN}>"
_CHI_SAYS: Final = f"Chi <{_CHI}>"
CHANGES: Final = {
    (STOREFRONT, "2.12.0"): {
        "feat(list): sort by price": _ANA_SAYS,
        "fix(cart): keep the cart over a sign-in": _CHI_SAYS,
    },
    (CHECKOUT, "1.5.0"): {"feat(pay): the new terms of the bank": _BEN_SAYS},
    (STOREFRONT, "2.13.0"): {
        "feat(search): search while typing": _CHI_SAYS,
        "refactor(search): one index for all languages": _CHI_SAYS,
    },
    (STOREFRONT, "2.13.1"): {"fix(search): ask the index of the right language": _CHI_SAYS},
    (CHECKOUT, "1.6.0"): {"feat(pay): pay by invoice": _BEN_SAYS},
    (STOREFRONT, "2.14.0"): {
        "feat(list): show what is in stock": _ANA_SAYS,
        "perf(list): load pictures when they come into view": _ANA_SAYS,
    },
    (STOREFRONT, "2.15.0"): {"feat(account): addresses of several people": _CHI_SAYS},
    (CHECKOUT, "1.7.0"): {"feat(pay): try again when the bank does not answer": _BEN_SAYS},
    (STOREFRONT, "2.16.0"): {
        "feat(list): compare two products": _ANA_SAYS,
        "fix(list): sizes in the order of their length": _ANA_SAYS,
    },
}
"""Commits of a version by what they say, with their authors."""


def events() -> list[Event]:
    """Return what happened, oldest first."""
    found: list[Event] = [
        *_released(STOREFRONT, "2.11.0", 21 * _DAY, _ANA),
        *_released(CHECKOUT, "1.4.0", 20 * _DAY, _BEN),
        *_released(STOREFRONT, "2.12.0", 17.5 * _DAY, _ANA),
        *_released(CHECKOUT, "1.5.0", 13 * _DAY, _BEN, "the new terms of the bank"),
        ShopBuild(11.5 * _DAY, STOREFRONT, "2.13.0"),
        ShopMove(11 * _DAY, STOREFRONT, "2.13.0", "eu", _CHI),
        ShopMove(
            10.9 * _DAY, STOREFRONT, "2.12.0", "eu", _CHI, "search finds nothing since 2.13.0, back"
        ),
        *_released(STOREFRONT, "2.13.1", 9 * _DAY, _CHI, "search finds things again"),
        ShopBuild(5 * _DAY, STOREFRONT, "2.14.0"),
        ShopMove(4.5 * _DAY, STOREFRONT, "2.14.0", "eu", _ANA),
        ShopMove(4.4 * _DAY, STOREFRONT, "2.14.0", "us", _ANA),
        ShopMove(4.3 * _DAY, STOREFRONT, "2.14.0", "ap", _ANA, fails=True),
        ShopMove(4.2 * _DAY, STOREFRONT, "2.14.0", "ap", _ANA, "ap has room again"),
        ShopBuild(7 * _DAY, CHECKOUT, "1.6.0"),
        ShopMove(6.2 * _DAY, CHECKOUT, "1.6.0", "eu", _BEN),
        ShopMove(6.1 * _DAY, CHECKOUT, "1.6.0", "us", _BEN),
        ShopMove(9.0, CHECKOUT, "1.6.0", "ap", _BEN, "before the weekend", fails=True),
        ShopBuild(30.0, STOREFRONT, "2.15.0"),
        ShopBuild(26.0, CHECKOUT, "1.7.0"),
        ShopMove(
            25.0, CHECKOUT, "1.6.0", "test", _BEN, "1.7.0 charges twice: incident 4711"
        ),
        ShopMove(3.0, STOREFRONT, "2.15.0", "eu", _CHI, "eu first, the others after lunch"),
        ShopBuild(2.0, STOREFRONT, "2.16.0"),
    ]  # fmt: skip
    return sorted(found, key=lambda each: -each.hours_ago)


def _released(product: str, version: str, hours: float, who: str, reason: str = "") -> list[Event]:
    """Return a version that went everywhere, region by region."""
    later = (10.0, 11.5, 30.0)
    regions = zip(REGIONS, later, strict=True)
    moves = [ShopMove(hours - after, product, version, to, who, reason) for to, after in regions]
    return [ShopBuild(hours, product, version), *moves]
