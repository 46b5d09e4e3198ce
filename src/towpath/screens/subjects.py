"""What channels are about: the board of a Project, the overview, one Promotion, what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.errors import BadRequest, Forbidden, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion
from towpath.rules import rbac
from towpath.rules.board import progress
from towpath.rules.rbac import Attributes
from towpath.screens import seeing
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.rules.board.patches import Document, Patch
    from towpath.rules.board.sight import Sight
    from towpath.rules.rbac import User
    from towpath.screens.channel import ChannelSubject
    from towpath.screens.overview_scope import OverviewScope
    from towpath.screens.overviews import KeptOverview, KeptWaiting
    from towpath.screens.screens import Screens

OVERVIEW: Final = "overview"
BOARD: Final = "board"
PROMOTION: Final = "promotion"
INBOX: Final = "inbox"
MOST: Final = 20
"""Topics of one stream."""
_PASSED_OVER: Final = "streams do not tell of it"


@dataclass(frozen=True, slots=True)
class BoardSubject:
    """The board of a Project, as far as it is seen."""

    project: str
    sight: Sight
    screens: Screens = field(compare=False, repr=False)

    @property
    def ref(self) -> Ref | None:
        """See `ChannelSubject.ref`."""
        return None

    @property
    def topic(self) -> str:
        """`board:PROJECT`."""
        return f"{BOARD}:{self.project}"

    async def document(self) -> tuple[Document, int]:
        """See `ChannelSubject.document`."""
        live = await self.screens.projects.current(self.project)
        return self.screens.boards.document(live, self.sight), live.changed_at

    def shown(self, patch: Patch) -> Patch:
        """See `ChannelSubject.shown`."""
        return patch

    def concerns(self, project: str) -> bool:
        """See `ChannelSubject.concerns`."""
        return project == self.project


@dataclass(frozen=True, slots=True)
class OverviewSubject:
    """The overview of what is seen, which is kept as long as it is."""

    scope: OverviewScope
    kept: KeptOverview = field(compare=False, repr=False)

    @property
    def ref(self) -> Ref | None:
        """See `ChannelSubject.ref`."""
        return None

    @property
    def topic(self) -> str:
        """`overview`."""
        return OVERVIEW

    async def document(self) -> tuple[Document, int]:
        """See `ChannelSubject.document`."""
        return await self.kept.document()

    def shown(self, patch: Patch) -> Patch:
        """See `ChannelSubject.shown`."""
        return patch

    def concerns(self, project: str) -> bool:
        """See `ChannelSubject.concerns`."""
        return self.scope.sight(project) is not None


@dataclass(frozen=True, slots=True)
class InboxSubject:
    """That what waits for people may have changed in the Projects that are seen: what runs, fails, waits or could come."""

    scope: OverviewScope
    kept: KeptWaiting = field(compare=False, repr=False)

    @property
    def ref(self) -> Ref | None:
        """See `ChannelSubject.ref`."""
        return None

    @property
    def topic(self) -> str:
        """`inbox`."""
        return INBOX

    async def document(self) -> tuple[Document, int]:
        """See `ChannelSubject.document`."""
        return await self.kept.document()

    def shown(self, patch: Patch) -> Patch:
        """See `ChannelSubject.shown`: only that it has changed."""
        return patch._replace(set=True)

    def concerns(self, project: str) -> bool:
        """See `ChannelSubject.concerns`."""
        return self.scope.sight(project) is not None


@dataclass(frozen=True, slots=True)
class PromotionSubject:
    """How one Promotion fares."""

    project: str
    name: str
    screens: Screens = field(compare=False, repr=False)

    @property
    def ref(self) -> Ref:
        """See `ChannelSubject.ref`."""
        return Ref(scheme.PROMOTION, self.project, self.name)

    @property
    def topic(self) -> str:
        """`promotion:PROJECT/NAME`."""
        return f"{PROMOTION}:{self.project}/{self.name}"

    async def document(self) -> tuple[Document, int]:
        """See `ChannelSubject.document`. A Promotion that is gone, or cannot be read, has an empty one."""
        try:
            stored = await self.screens.store.get(self.ref)
        except NotFound:
            return {"": None}, 0
        found = view(stored, Promotion, purpose=_PASSED_OVER)
        return {"": progress.of(found) if found is not None else None}, stored.revision

    def shown(self, patch: Patch) -> Patch:
        """See `ChannelSubject.shown`."""
        return patch

    def concerns(self, project: str) -> bool:
        """See `ChannelSubject.concerns`: it is read each time."""
        del project
        return False


async def subject(
    screens: Screens, authorizer: Authorizer, user: User, topic: str
) -> ChannelSubject:
    """Return what a topic is about, as far as a user may see it. Raises BadRequest, Forbidden."""
    kind, _, of = topic.partition(":")
    if kind in (OVERVIEW, INBOX) and not of:
        of_all = screens.overviews
        scope = await of_all.scope(authorizer, user)
        if kind == OVERVIEW:
            return OverviewSubject(scope, of_all.kept(scope))
        return InboxSubject(scope, of_all.waiting(scope))
    project, slash, name = of.partition("/")
    if kind == BOARD and project and not slash:
        sight = await seeing.of(authorizer, user, project)
        if not sight.stages:
            raise _refusal(user, "list", Attributes(scheme.KARGO, scheme.STAGE.plural, project))
        return BoardSubject(project, sight, screens)
    if kind == PROMOTION and project and name:
        sight = await seeing.of(authorizer, user, project)
        if name not in sight.promotions:
            on = Attributes(scheme.KARGO, scheme.PROMOTION.plural, project, name)
            raise _refusal(user, "get", on)
        return PromotionSubject(project, name, screens)
    raise BadRequest(
        f"topics: {topic[:100]!r} is none: ask for overview, inbox, board:PROJECT or promotion:PROJECT/NAME"
    )


def _refusal(user: User, verb: str, on: Attributes) -> Forbidden:
    return Forbidden(rbac.refusal(user, verb, on))
