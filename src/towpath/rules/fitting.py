"""What a controller leaves out of a status that would make its object too large to be stored.

What can be found out anew, or is kept elsewhere, goes first: outputs of a Promotion that has ended are in that Promotion,
discovered artifacts are in their repositories, what a Stage held is in the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document

SHORTENED: Final = "Shortened"
"""The condition that says what was left out."""
_REASON: Final = "TooLarge"
_MESSAGE_CHARS: Final = 1024
_FOR_CONDITION: Final = 1024
"""Bytes that the condition needs."""


def without_note(status: Document) -> Document:
    """Return a status without the condition, for one that may fit again."""
    conditions = status.get("conditions")
    if not isinstance(conditions, list):
        return status
    kept = [each for each in conditions if not _is_note(each)]
    return status if len(kept) == len(conditions) else {**status, "conditions": kept}


def fitted(status: Document, room: int, *, at: str) -> Document:
    """Return a status of at most `room` bytes, if that can be, with the condition that says what was left out.

    `at`: the time for the condition. Nothing is left out beyond what must be.
    """
    left_out: list[str] = []
    for what, cut in _CUTS:
        if sizes.of(status) + _FOR_CONDITION <= room:
            break
        shorter = cut(status)
        if shorter != status:
            status = shorter
            left_out.append(what)
    if not left_out or "conditions" not in status:
        return status
    said = (
        f"the object would be larger than {sizes.LARGEST_BYTES:,} bytes; the status leaves out "
        f"{', '.join(left_out)}"
    )
    note = {
        "type": SHORTENED,
        "status": "True",
        "reason": _REASON,
        "message": said,
        "lastTransitionTime": at,
    }
    return {**status, "conditions": [*status["conditions"], note]}


def noted_since(status: Document) -> str | None:
    """Return since when the condition says so; None if it does not."""
    for each in status.get("conditions") or ():
        if _is_note(each):
            return str(each.get("lastTransitionTime"))
    return None


def _is_note(condition: Any) -> bool:
    return isinstance(condition, dict) and condition.get("type") == SHORTENED


def _without(*path: str) -> Callable[[Document], Document]:
    """Return the cut that drops what lies at a path."""

    def cut(status: Document) -> Document:
        shorter: Document = _changed(
            status, path[:-1], lambda found: {k: v for k, v in found.items() if k != path[-1]}
        )
        return shorter

    return cut


def _changed(value: Any, path: tuple[str, ...], change: Callable[[Document], Document]) -> Any:
    """Return a value with each object at a path changed; `[]` goes into every item of a list, `{}` of a map."""
    if isinstance(value, list) and path and path[0] == "[]":
        return [_changed(item, path[1:], change) for item in value]
    if not isinstance(value, dict):
        return value
    if not path:
        return change(value)
    if path[0] == "{}":
        return {key: _changed(item, path[1:], change) for key, item in value.items()}
    if path[0] not in value:
        return value
    return {**value, path[0]: _changed(value[path[0]], path[1:], change)}


def _found(most: int) -> Callable[[Document], Document]:
    """Return the cut that keeps the newest of what was discovered."""

    def newest(result: Document) -> Document:
        return {
            key: item[:most] if isinstance(item, list) else item for key, item in result.items()
        }

    return lambda status: _changed(status, ("discoveredArtifacts", "{}", "[]"), newest)


def _history(most: int) -> Callable[[Document], Document]:
    def cut(status: Document) -> Document:
        held = status.get("freightHistory")
        return {**status, "freightHistory": held[:most]} if isinstance(held, list) else status

    return cut


def _plain_freight(status: Document) -> Document:
    """Leave out the annotations of images that Freight carries."""
    for way in (
        ("freightHistory", "[]", "items", "{}"),
        ("lastPromotion", "freight"),
        ("lastPromotion", "status", "freight"),
        ("lastPromotion", "status", "freightCollection", "items", "{}"),
        ("currentPromotion", "freight"),
    ):
        status = _changed(status, (*way, "images", "[]"), _unannotated)
    return status


def _unannotated(image: Document) -> Document:
    return {key: value for key, value in image.items() if key != "annotations"}


def _brief(status: Document) -> Document:
    """Cut long messages."""

    def cut(found: Document) -> Document:
        message = found.get("message")
        if not isinstance(message, str) or len(message) <= _MESSAGE_CHARS:
            return found
        return {**found, "message": message[:_MESSAGE_CHARS] + "…"}

    for way in (
        ("conditions", "[]"),
        ("lastPromotion", "status"),
        ("lastPromotion", "status", "stepExecutionMetadata", "[]"),
        ("freightHistory", "[]", "verificationHistory", "[]"),
    ):
        status = _changed(status, way, cut)
    return status


def _conditions_only(status: Document) -> Document:
    return {key: value for key, value in status.items() if key == "conditions"}


_CUTS: Final[tuple[tuple[str, Callable[[Document], Document]], ...]] = (
    (
        "the outputs of the last Promotion, which it has itself",
        _without("lastPromotion", "status", "state"),
    ),
    (
        "annotations of discovered images",
        lambda status: _changed(
            status, ("discoveredArtifacts", "images", "[]", "references", "[]"), _unannotated
        ),
    ),
    ("the refs that were seen", _without("discoveredArtifacts", "git", "[]", "observedRefs")),
    ("what checks of the health found", _without("health", "output")),
    ("what checks of the health were told", _without("health", "config")),
    ("all but the five newest of what was discovered", _found(5)),
    ("annotations of images", _plain_freight),
    ("all but the three newest collections of Freight", _history(3)),
    ("all but the newest of what was discovered", _found(1)),
    ("long messages", _brief),
    ("all but the newest collection of Freight", _history(1)),
    ("what promotion steps noted", _without("metadata")),
    ("everything but the conditions", _conditions_only),
)
"""What is left out, in this order, until the rest fits."""
