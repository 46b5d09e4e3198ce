"""The Secret that says where a service is and who asks it: of the run's Project, or one that operators share with all.

Argo Rollouts looks for these Secrets beside its controller. Here a Project's own comes first, so that nobody measures by another's
account without knowing; the shared namespace stands for Rollouts' one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath import messages
from towpath.errors import BadRequest, NotFound
from towpath.resources.shared_namespaces import SHARED
from towpath.verification import request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.verification.provider import MeasureContext

_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSecret:
    """One Secret that was opened."""

    place: str
    """`NAMESPACE/NAME`, for messages."""
    values: Mapping[str, str] = field(repr=False)

    def get(self, key: str) -> str:
        """Return a value, without blanks and line ends around it; empty where there is none."""
        return self.values.get(key, "").strip()

    def need(self, *keys: str) -> list[str]:
        """Return values that have to be there. Raises BadRequest, which names those that are missing."""
        missing = [key for key in keys if not self.get(key)]
        if missing:
            raise BadRequest(
                f"Secret {self.place}: it has no {messages.first(missing, 10)}; add it"
            )
        found = [self.get(key) for key in keys]
        for key, value in zip(keys, found, strict=True):
            if not value.isprintable():
                raise BadRequest(
                    f"Secret {self.place}: key {key} holds more than one line; write the value alone"
                )
        return found

    def address(self, path: str, *, key: str = "address", usual: str = "") -> str:
        """Return the URL of a path below the address that it has, or below the usual one. Raises BadRequest."""
        return request.joined(self.get(key) or usual, path, field=f"Secret {self.place}, key {key}")


async def opened(
    context: MeasureContext, name: str, *, keys: Sequence[str], is_own: bool = False
) -> ServiceSecret:
    """Open the Secret of a name: the Project's, or else the shared one.

    `keys`: those it needs, for the message where there is none. `is_own`: whether only the Project's will do. Raises NotFound, and
    Forbidden for a shared one that is not labelled for it.
    """
    if len(name) > _LONGEST_NAME or "/" in name:
        raise BadRequest(f"{messages.cut(messages.plain(name), 80)!r} is no name of a Secret")
    own, shared = f"{context.project}/{name}", f"{SHARED}/{name}"
    try:
        return ServiceSecret(place=own, values=await context.secrets.read(name))
    except NotFound as error:
        if is_own:
            raise NotFound(
                f"Secret {own} does not exist; create it with {messages.first(keys, 10)}"
            ) from error
    try:
        return ServiceSecret(place=shared, values=await context.secrets.read(name, is_shared=True))
    except NotFound as error:
        raise NotFound(
            f"Secret {own} does not exist, nor does {shared}; create one of them with {messages.first(keys, 10)}"
        ) from error
