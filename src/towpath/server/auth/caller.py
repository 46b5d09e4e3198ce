"""Who calls: the bearer of a token or of a session's cookie, and whom they speak for.

Whoever may `impersonate` a user, group or ServiceAccount says so with the headers `Impersonate-User`,
`Impersonate-Group`, `Impersonate-Uid` and `Impersonate-Extra-*`, as kubectl does for `--as`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from towpath.admission import requester
from towpath.errors import BadRequest, TowpathError, Unauthenticated
from towpath.rules import rbac
from towpath.rules.rbac import ACCOUNT_PREFIX, Attributes, User
from towpath.server.auth import csrf
from towpath.server.auth.authenticator import Presented
from towpath.server.auth.way_in import WayIn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence

    from starlette.requests import HTTPConnection
    from starlette.types import Scope

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.server.auth.authenticator import Authenticator, CallerIdentity

_KEY: Final = "towpath.requester"
_CREDENTIAL: Final = "towpath.credential"
_RIGHTS: Final = "towpath.rights"
_SCHEME: Final = "bearer"
_AUTHENTICATION: Final = "authentication.k8s.io"
_EXTRA: Final = "impersonate-extra-"
_MOST_HEADERS: Final = 100


def of(request: HTTPConnection) -> Requester:
    """Return who makes a request, as the guard before all routes found out."""
    found: Requester = request.scope[_KEY]
    return found


def identity(request: HTTPConnection) -> CallerIdentity:
    """Return who is behind a request, and by which means they are known, whoever they speak for."""
    credential: _Credential = request.scope[_CREDENTIAL]
    return credential.identity


def is_oneself(request: HTTPConnection) -> bool:
    """Whether a caller speaks for nobody else."""
    return identity(request).user is of(request).user


def owner(scope: Scope) -> str:
    """Return the name of the user whose token a request shows, whoever it speaks for; empty where none was asked for."""
    credential: _Credential | None = scope.get(_CREDENTIAL)
    return "" if credential is None else credential.name


async def authorize(
    request: HTTPConnection, authorizer: Authorizer, verb: str, resource: Attributes | str
) -> None:
    """Return if the caller may do that, and note that it was asked for. Raises Forbidden."""
    await authorizer.authorize(of(request).user, verb, resource)
    request.scope.setdefault(_RIGHTS, []).append((verb, resource))


@dataclass(frozen=True, slots=True)
class Standing:
    """Who a caller is and what was allowed it, to be asked again later."""

    name: str
    """Of the user whose token it is, whoever it speaks for."""
    key: Hashable
    """A key that is equal for callers about whom the same rights were asked, so that one check serves them all."""
    check: Callable[[], Awaitable[None]]
    """Returns if all of that still holds. Raises Unauthenticated, Forbidden."""


def standing(request: HTTPConnection, authorizer: Authorizer) -> Standing:
    """Return how a caller stands, with what `authorize` was asked for this request."""
    credential: _Credential = request.scope[_CREDENTIAL]
    rights = tuple(request.scope.get(_RIGHTS, ()))

    async def check() -> None:
        user, _ = await credential.callers.user(credential.shown, credential.headers)
        for verb, resource in rights:
            await authorizer.authorize(user, verb, resource)

    return Standing(credential.name, (credential.shown, credential.headers, rights), check)


@dataclass(frozen=True, slots=True)
class _Credential:
    """What a request told about its caller, for who is to look at it again."""

    callers: Callers
    shown: Presented
    headers: tuple[tuple[str, str], ...]
    identity: CallerIdentity

    @property
    def name(self) -> str:
        """Of the user whose it is, whoever they speak for."""
        return self.identity.user.name


class Callers:
    """Finds out who calls."""

    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        authorizer: Authorizer,
        way_in: WayIn | None = None,
    ) -> None:
        """`authenticators` are asked in this order."""
        self._authenticators = tuple(authenticators)
        self._authorizer = authorizer
        self._way_in = way_in or WayIn()

    async def identify(self, scope: Scope) -> str:
        """Note in a request's scope who makes it, and return the name of whose token or session it is.

        Raises Unauthenticated; Forbidden for whom they may not speak for, and for a request that another page has sent.
        """
        shown = Presented(_bearer(scope), self._way_in.cookies(scope))
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in scope["headers"]
            if name.startswith(b"impersonate-")
        )
        user, found = await self.user(shown, headers)
        if found.csrf:
            csrf.check(scope, found.csrf, self._way_in.url)
        by = "" if user is found.user else requester.of(found.user).actor
        told = requester.via(
            found.means, name=found.name, address=self._way_in.address(scope), by=by
        )
        scope[_KEY] = requester.of(user, told)
        scope[_CREDENTIAL] = _Credential(self, shown, headers, found)
        return found.user.name

    async def knows(self, scope: Scope) -> bool:
        """Whether a request shows who makes it; what it may do is another matter."""
        try:
            await self.identity(Presented(_bearer(scope), self._way_in.cookies(scope)))
        except TowpathError:
            return False
        return True

    async def user(
        self, shown: Presented, headers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[User, CallerIdentity]:
        """Return for whom a request speaks, and who shows that. Raises as `identify` does."""
        found = await self.identity(shown)
        speaks_for = _impersonated(headers)
        if speaks_for is None:
            return found.user, found
        for resource in _persons(speaks_for):
            await self._authorizer.authorize(found.user, "impersonate", resource)
        return _complete(speaks_for), found

    async def identity(self, shown: Presented) -> CallerIdentity:
        """Return who shows that. Raises Unauthenticated."""
        if not shown.bearer and not shown.cookies:
            raise Unauthenticated("no token provided")
        for authenticator in self._authenticators:
            found = await authenticator.identify(shown)
            if found is not None:
                return found
        raise Unauthenticated("invalid token")


def _bearer(scope: Scope) -> str:
    """Return the token of a request; empty where it has none."""
    given = next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"),
        "",
    )
    kind, _, token = given.partition(" ")
    return token.strip() if kind.lower() == _SCHEME else ""


def _impersonated(headers: tuple[tuple[str, str], ...]) -> User | None:
    """Return the user whom a request names, as it names them; None if it names nobody. Raises BadRequest."""
    told = [(name, value) for name, value in headers if name.startswith("impersonate-")]
    if not told:
        return None
    if len(told) > _MOST_HEADERS:
        raise BadRequest(f"more than {_MOST_HEADERS} Impersonate headers")
    name, uid = "", ""
    groups: list[str] = []
    extra: dict[str, list[str]] = {}
    for header, value in told:
        match header:
            case "impersonate-user":
                name = value
            case "impersonate-uid":
                uid = value
            case "impersonate-group":
                groups.append(value)
            case _ if header.startswith(_EXTRA):
                extra.setdefault(unquote(header.removeprefix(_EXTRA)), []).append(value)
    if not name:
        raise BadRequest("Impersonate-User: it is missing; the other Impersonate headers need it")
    return User(name, tuple(groups), uid, {key: tuple(values) for key, values in extra.items()})


def _persons(user: User) -> Iterator[Attributes]:
    """Yield what one must be allowed to `impersonate` to speak for a user."""
    namespace, name = _account(user)
    if name:
        yield Attributes("", "serviceaccounts", namespace, name)
    else:
        yield Attributes("", "users", name=user.name)
    for group in user.groups:
        yield Attributes("", "groups", name=group)
    if user.uid:
        yield Attributes(_AUTHENTICATION, "uids", name=user.uid)
    for key, values in user.extra.items():
        for value in values:
            yield Attributes(_AUTHENTICATION, "userextras", name=value, subresource=key)


def _account(user: User) -> tuple[str, str]:
    """Return namespace and name of the ServiceAccount that a user is, both empty if it is none."""
    namespace, colon, name = user.name.removeprefix(ACCOUNT_PREFIX).partition(":")
    if not user.name.startswith(ACCOUNT_PREFIX) or not colon:
        return "", ""
    return namespace, name


def _complete(user: User) -> User:
    """Return a user with the groups that come with who they are."""
    namespace, name = _account(user)
    groups = list(user.groups)
    if name and not groups:
        groups = list(rbac.account(namespace, name).groups)
    if rbac.AUTHENTICATED not in groups:
        groups.append(rbac.AUTHENTICATED)
    return User(user.name, tuple(groups), user.uid, user.extra)
