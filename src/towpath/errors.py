"""The error vocabulary.

Everything that can go wrong for a caller is one of these few kinds. A kind maps to
one HTTP status and one Kubernetes `Status` reason; the message names the object, the field, the cause and,
where there is one, the remedy. Layers raise these and nothing else across their boundary; the library
error that caused one stays chained as `__cause__`.

Messages never hold secret values: whoever raises is responsible for that, because only the raiser knows. What a Promotion
was told by `secret()` is masked besides, by whoever shows the message (`masking`).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from towpath.messages import plain

if TYPE_CHECKING:
    from collections.abc import Sequence


class TowpathError(Exception):
    """Base of every error a caller can be shown. `str(error)` is one complete sentence or clause.

    Whatever a message quotes, nothing in it acts on the terminal or page that shows it (`messages.plain`).
    """

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "InternalError"

    def __init__(self, message: str, *, place: str = "") -> None:
        """`place`: the file or folder of this machine that it is about, for its operator alone."""
        self.message = plain(message)
        super().__init__(self.message)
        self.place = place

    def saying(self, message: str) -> Self:
        """Return the same error with another message, such as one that names more."""
        other = copy.copy(self)
        other.message = plain(message)
        other.args = (other.message,)
        return other

    def __str__(self) -> str:
        """Return what an operator reads in the log and on the terminal; `message` alone is for callers of an API."""
        return f"{self.place}: {self.message}" if self.place else self.message


class BadRequest(TowpathError):
    """The request cannot be read at all: bad syntax, unknown fields under strict decoding."""

    status = 400
    reason = "BadRequest"


class Unauthenticated(TowpathError):
    """No valid credential came with the request."""

    status = 401
    reason = "Unauthorized"


class AlreadyExists(TowpathError):
    """An object of that name exists already."""

    status = 409
    reason = "AlreadyExists"


class Expired(TowpathError):
    """A position (watch revision, list cursor) lies before what is still kept, or its reader was too slow.

    The remedy is always the same: list again and go on from there.
    """

    status = 410
    reason = "Expired"


class TooLarge(TowpathError):
    """The request or object exceeds a size limit, which the message names."""

    status = 413
    reason = "RequestEntityTooLarge"


class Unsupported(TowpathError):
    """The content type or form is not one we accept here."""

    status = 415
    reason = "UnsupportedMediaType"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field, worded as a Kubernetes API server words it."""

    path: str
    """Field path such as `spec.subscriptions[0].image.constraint`; empty for the object itself."""

    type: str
    """The cause's reason: FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, …"""

    detail: str
    """The text after the path, such as `Invalid value: "x": must be a semver range`."""

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}" if self.path else self.detail


class Conflict(TowpathError):
    """The object changed since it was read, a precondition does not hold, or others own fields that are applied.

    `causes` names those fields (server-side apply), else it is empty.
    """

    status = 409
    reason = "Conflict"

    def __init__(self, message: str, causes: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.causes = tuple(causes)


class Forbidden(TowpathError):
    """The caller is known and may not do this. `causes` says why to programs, where they can tell; else it is empty."""

    status = 403
    reason = "Forbidden"

    def __init__(self, message: str, causes: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.causes = tuple(causes)


class NotFound(TowpathError):
    """The named object does not exist."""

    status = 404
    reason = "NotFound"

    def __init__(self, message: str, *, resource: str = "", name: str = "") -> None:
        """`resource` (plural, without its group) and `name`: what is missing, where that is not what was asked for."""
        super().__init__(message)
        self.resource = resource
        self.name = name


class Invalid(TowpathError):
    """The object can be read but breaks rules; `causes` lists every one of them."""

    status = 422
    reason = "Invalid"

    def __init__(
        self, message: str, causes: Sequence[FieldError] = (), *, kind: str = "", name: str = ""
    ) -> None:
        """`kind` (`Stage.kargo.akuity.io`) and `name`: what is invalid, where that is known."""
        super().__init__(message)
        self.causes = tuple(causes)
        self.kind = kind
        self.name = name

    @classmethod
    def of(cls, kind: str, name: str, causes: Sequence[FieldError]) -> Invalid:
        """Word `causes` as an API server does: `Stage.kargo.akuity.io "x" is invalid: …`."""
        texts = list(dict.fromkeys(str(cause) for cause in causes))
        listed = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
        return cls(f'{kind} "{name}" is invalid: {listed}', causes, kind=kind, name=name)


class TooManyRequests(TowpathError):
    """The caller must slow down."""

    status = 429
    reason = "TooManyRequests"

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        """`seconds`: after which it may be tried again, where the server said so."""
        super().__init__(message)
        self.seconds = seconds


class NotImplemented(TowpathError):  # noqa: A001 - the API's word; it is always used as `errors.NotImplemented`
    """The operation exists in the API and is not offered here."""

    status = 501
    reason = "NotImplemented"


class Unavailable(TowpathError):
    """Something we depend on (disk, registry, Git server) cannot serve now; trying later may succeed."""

    status = 503
    reason = "ServiceUnavailable"


class NoAnswer(Unavailable):
    """No answer came from a host: it cannot be reached, or broke off."""


class NoSuchHost(NoAnswer):
    """DNS says that there is no host of that name: it is spelt wrongly, or its entry is gone. Nothing was sent."""


class Timeout(TowpathError):
    """A deadline passed before the answer was there. `causes` says to programs what it was waited for, or is empty."""

    status = 504
    reason = "Timeout"

    def __init__(self, message: str, causes: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.causes = tuple(causes)
