"""Argo CD's own rights: lines such as `p, proj:canal:ci, applications, sync, canal/*, allow`.

As Argo CD's page "RBAC Configuration" has them: fields are globs, an object of an Application is `PROJECT/NAME`, or
`PROJECT/NAMESPACE/NAME` outside of Argo CD's own namespace; `deny` wins over `allow`.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """One line."""

    resource: str
    action: str
    object: str
    is_denial: bool = False

    @classmethod
    def read(cls, line: str) -> AccessPolicy:
        """Return a line as a policy; whom it is for is not looked at. Raises BadRequest."""
        parts = [each.strip() for each in line.split(",")]
        if len(parts) != 6 or parts[0] != "p" or parts[5] not in ("allow", "deny"):
            raise BadRequest(
                f"invalid policy rule {line!r}: must be of the form: 'p, sub, res, act, obj, eft'"
            )
        return cls(parts[2], parts[3], parts[4], is_denial=parts[5] == "deny")

    def covers(self, resource: str, action: str, name: str) -> bool:
        """Whether it speaks of this."""
        given = ((self.resource, resource), (self.action, action), (self.object, name))
        return all(fnmatch.fnmatchcase(value, pattern) for pattern, value in given)


def allowed(policies: Iterable[AccessPolicy], resource: str, action: str, name: str) -> bool:
    """Whether policies allow an action on an object."""
    found = [each for each in policies if each.covers(resource, action, name)]
    return bool(found) and not any(each.is_denial for each in found)
