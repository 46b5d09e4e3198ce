"""What controllers and servers write through, whoever keeps the objects.

`writer.Writer` admits documents itself and stores them; where an API server is the authority, it admits, and an
implementation of this passes the writes on. Nobody above knows which of them it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from towpath.resources.validation import FieldValidation
from towpath.store.contract import Propagation, WritePreconditions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from towpath import errors
    from towpath.admission.replacement import Subresource
    from towpath.admission.requester import Requester
    from towpath.admission.written import Written
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document, Stored
    from towpath.store.touched import Untouched


REST_MANAGER: Final = "towpath"
"""The field manager of writes through the REST API, whose callers name none."""


class Authority(Protocol):
    """Takes writes and admits them; a change that would change nothing is not written. `Writer` says what each raises.

    It is all that servers have: what users ask for is admitted as theirs, whatever the way they ask.
    """

    async def create(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        manager: str | None = None,
        untouched: Untouched | None = None,
    ) -> Written:
        """Add an object, if nothing was written to `untouched`."""
        ...

    async def update(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
    ) -> Written:
        """Replace an object, but for its status and what the system has put on it."""
        ...

    async def change(
        self,
        ref: Ref,
        change: Callable[[Document], Document],
        requester: Requester,
        *,
        manager: str,
        subresource: Subresource | None = None,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        given: Any = None,
    ) -> Written:
        """Replace an object, or its status alone, by what `change` makes of it."""
        ...

    async def apply(
        self,
        ref: Ref,
        configuration: Document,
        requester: Requester,
        *,
        manager: str,
        force: bool = False,
        subresource: Subresource | None = None,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        may_create: Callable[[], Awaitable[None]] | None = None,
    ) -> Written:
        """Merge the fields of a configuration into an object, or create it with them."""
        ...

    async def retold(self, written: Written, requester: Requester) -> tuple[str, ...]:
        """Return the warnings of a write as they are now that more was written."""
        ...

    async def delete(
        self,
        ref: Ref,
        requester: Requester,
        *,
        propagation: Propagation = Propagation.BACKGROUND,
        preconditions: WritePreconditions | None = None,
        dry_run: bool = False,
    ) -> Stored:
        """Delete an object, or mark it while it has finalizers."""
        ...

    async def finalize(
        self, ref: Ref, finalizers: list[str], requester: Requester, *, revision: int | None = None
    ) -> Stored:
        """Replace `spec.finalizers` of a Namespace."""
        ...

    async def annotate(
        self, ref: Ref, annotations: Mapping[str, str | None], requester: Requester
    ) -> Written:
        """Set annotations of an object, as a user asks a controller for something; None drops one."""
        ...


class SystemAuthority(Authority, Protocol):
    """Takes the writes of controllers as well, who keep status and metadata without being admitted."""

    async def set_status(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Replace an object's status by what `change` makes of it."""
        ...

    async def create_all(
        self, documents: Sequence[Document], requester: Requester
    ) -> list[Written | errors.TowpathError]:
        """Add objects in their order, of which none is waited for alone; return what came of each."""
        ...

    async def modify(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Change an object's metadata: labels, annotations, finalizers."""
        ...
