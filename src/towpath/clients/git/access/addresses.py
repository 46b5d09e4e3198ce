"""Repository URLs: which are accepted, how they are shown, and where they really lead.

A manifest's URL is used verbatim wherever people see it and wherever credentials are looked up. Only the
transport follows the operator's `git.insteadOf`, which works as git's `url.<base>.insteadOf`: the longest
matching prefix wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from towpath import errors
from towpath.clients.http import urls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_URL_CHARS: Final = 2048

# user@host:path; which hosts there are is told by `http.urls`.
_SCP: Final = re.compile(r"\A(?:([\w.+-]+)@)?([^:/@\[\]]+|\[[^\]]*\]):(?!//)(.+)\Z", re.ASCII)
_SCHEMES: Final = frozenset({"http", "https", "ssh"})


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """One accepted repository URL. `str()` and `repr()` never hold a password."""

    text: str
    """As given, apart from a password, which is taken out."""

    scheme: str
    """http, https, ssh or file."""

    host: str
    """Host, with `:port` if given; empty for file."""

    path: str

    user: str = ""
    """The user named in the URL, percent-decoded."""

    password: str = field(default="", repr=False)
    """The password that stood in the URL, percent-decoded; used only where no credential is configured."""

    def __str__(self) -> str:
        return self.text

    @property
    def base(self) -> str:
        """Scheme and host, as git's `credential.<base>` and `http.<base>` sections name a server."""
        return f"{self.scheme}://{self.host}"

    @property
    def wire(self) -> str:
        """What git is given: for http(s) without the user, because the credential names one."""
        return f"{self.base}{self.path}" if self.scheme in ("http", "https") else self.text

    @property
    def where(self) -> tuple[str, int]:
        """The host, without brackets, and the port that are dialled."""
        return urls.split(f"{self.scheme}://{self.host}").where


def parse(url: str, *, allow_file: bool = False) -> RepositoryAddress:
    """Read a repository URL: http, https, ssh, `user@host:path`, and file where the operator allows it.

    Raises BadRequest for everything else, above all `ext::…` and other transport helpers, control
    characters and a leading `-` in any part that git or ssh would read as an option.
    """
    shown = strip_password(url)
    if not url or len(url) > MAX_URL_CHARS:
        raise errors.BadRequest(
            f"repository URL is empty or longer than {MAX_URL_CHARS} characters"
        )
    if any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise errors.BadRequest(
            f"repository URL {shown!r} holds a space or a control character; write it as %XX in the path"
        )
    if url.startswith("-"):
        raise errors.BadRequest(f"repository URL {shown!r} begins with '-'")
    if "://" in url:
        return _parse_url(url, shown, allow_file=allow_file)
    if "::" in url.split("[", maxsplit=1)[0].split("/", maxsplit=1)[0]:
        raise errors.BadRequest(
            f"repository URL {shown!r} names a transport helper; use https or ssh"
        )
    if match := _SCP.match(url):
        _refuse_dash(shown, match[1] or "", match[2], match[3])
        try:
            host = urls.host(match[2])
        except urls.Unacceptable as error:
            raise _unreadable(shown, error) from error
        return RepositoryAddress(url, "ssh", urls.bracketed(host), match[3], user=match[1] or "")
    raise errors.BadRequest(
        f"repository URL {shown!r} is not a URL; write https://HOST/PATH or ssh://HOST/PATH"
    )


def _parse_url(url: str, shown: str, *, allow_file: bool) -> RepositoryAddress:
    head, _, rest = url.partition("://")
    scheme = head.lower()
    if scheme == "file" and allow_file:
        if not rest.startswith("/"):
            raise errors.BadRequest(f"repository URL {shown!r} must be file:///ABSOLUTE/PATH")
        return RepositoryAddress(url, "file", "", rest)
    if scheme not in _SCHEMES:
        raise errors.BadRequest(
            f"repository URL {shown!r} uses {scheme or 'no'} transport; http, https and ssh are accepted"
        )
    try:
        place = urls.split(url)
    except urls.Unacceptable as error:
        raise _unreadable(shown, error) from error
    if place.path in ("", "/"):
        raise errors.BadRequest(f"repository URL {shown!r} names no host or no repository")
    if place.fragment or place.query:
        raise errors.BadRequest(
            f"repository URL {shown!r} holds '?' or '#', which no repository has"
        )
    user = unquote(place.user)
    _refuse_dash(shown, user, place.host)
    if any(ord(character) < 32 or ord(character) == 127 for character in user):
        raise errors.BadRequest(f"repository URL {shown!r} names a user with a control character")
    return RepositoryAddress(
        text=shown,
        scheme=scheme,
        host=place.authority,
        path=place.path,
        user=user,
        password=unquote(place.password),
    )


def _unreadable(shown: str, error: urls.Unacceptable) -> errors.BadRequest:
    return errors.BadRequest(f"repository URL {shown!r} cannot be read: {error}")


def _refuse_dash(shown: str, *parts: str) -> None:
    if any(part.startswith("-") for part in parts):
        raise errors.BadRequest(f"repository URL {shown!r} has a part that begins with '-'")


def strip_password(url: str) -> str:
    """Return `url` without the password between `user:` and `@`; the URL need not be valid."""
    head, separator, rest = url.partition("://")
    if not separator:
        return url
    authority, slash, path = rest.partition("/")
    user_info, at, host = authority.rpartition("@")
    if not at:
        return url
    user = user_info.partition(":")[0]
    return f"{head}://{user}{'@' if user else ''}{host}{slash}{path}"


@dataclass(frozen=True, slots=True)
class Rewrites:
    """The operator's `git.insteadOf`: URLs that begin with an old base go to the new one."""

    pairs: tuple[tuple[str, str], ...] = ()
    """(old base, new base), longest old base first."""

    allow_file: bool = field(default=False)
    """Whether a rewritten URL (never a manifest's own) may be `file://`."""

    @classmethod
    def of(cls, bases: Mapping[str, Sequence[str]], *, allow_file: bool = False) -> Rewrites:
        """Read `{NEWBASE: [OLDBASE, …]}`. Raises BadRequest for an empty base or one given twice."""
        pairs = [(old, new) for new, olds in bases.items() for old in olds]
        olds = [old for old, _ in pairs]
        if not all(old and new for old, new in pairs):
            raise errors.BadRequest(
                "git.insteadOf has an empty base; name both the new and the old one"
            )
        if twice := sorted({old for old in olds if olds.count(old) > 1}):
            raise errors.BadRequest(f"git.insteadOf rewrites {twice[0]!r} twice; keep one of them")
        return cls(tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))), allow_file)

    def transport(self, address: RepositoryAddress) -> RepositoryAddress:
        """Return where requests for `address` go. Raises BadRequest if the rewritten URL is not acceptable."""
        for old, new in self.pairs:
            if address.text.startswith(old):
                rewritten = new + address.text.removeprefix(old)
                return parse(rewritten, allow_file=self.allow_file)
        return address
