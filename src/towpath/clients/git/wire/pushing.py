"""Sends commits to branches without git: one request for all that go together, and nothing asked before where that is known.

Where a branch is, is taken to be where it was fetched or pushed last. A push says that, and a server leaves a branch that is
elsewhere as it is (gitprotocol-pack, "Reference Update Request"). Where nobody knows, it is asked, as git asks it each time.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import git_errors, rejections
from towpath.clients.git.mirrors.talk import RefUpdate
from towpath.clients.git.objects import ancestry
from towpath.clients.git.push_outcomes import AlreadyThere, Moved, Outcome, Pushed, Refused
from towpath.clients.git.wire import beside, offered, packet_lines, packs, sending
from towpath.clients.git.wire.packet_lines import Mark, UnreadableTalkError, line
from towpath.clients.git.wire.server import RECEIVE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.stored import Found
    from towpath.clients.git.wire.offered import Receiving
    from towpath.clients.git.wire.server import RemoteServer

log = logging.getLogger("towpath.clients.git")

_NOTHING: Final = "0" * 40
_MOST_TOLD: Final = 1 << 20
"""Bytes of what a server says of itself and of a push."""
_MOST_SENT: Final = 1000 << 10
"""Bytes of a request: it is held, so that it can be sent again with the credential."""
_LONGEST: Final = 256
"""Commits of one branch."""
_FEW_BYTES: Final = 256 << 10
"""Of objects that are packed on the event loop."""
_CAN: Final = "report-status side-band-64k"


Answers = dict[RefUpdate, Outcome | None]


@dataclass(frozen=True, slots=True)
class _Command:
    """What is sent for an update."""

    update: RefUpdate
    before: str
    """Where the branch has to be; `_NOTHING` if it must not be there."""


@dataclass(slots=True)
class _Errand:
    """What is to be sent together, and what needs not be sent."""

    answers: Answers = field(default_factory=dict)
    commands: list[_Command] = field(default_factory=list)
    objects: dict[str, Found] = field(default_factory=dict)


async def pushed(mirror: Mirror, server: RemoteServer, updates: Sequence[RefUpdate]) -> Answers:
    """Return what became of updates of different branches; None for one that git has to send: it may or may not be done.

    Raises Unreachable and Timeout: then nobody knows what the server has done.
    """
    if not server.is_reached or server.can_receive is False:
        return dict.fromkeys(updates)
    guesses = {each.ref: head for each in updates if (head := server.head(each.ref))}
    if server.can_receive and all(each.ref in guesses and not each.is_forced for each in updates):
        errand = await _prepared(mirror, server, updates, guesses, server.heads)
        if not errand.answers:  # a guess is no answer, but the server answers what is sent
            return await _sent(server, errand)
    told = await _asked(server)
    if told is None:
        return dict.fromkeys(updates)
    has = told.others.union(told.refs.values())
    errand = await _prepared(mirror, server, updates, told.refs, has)
    return errand.answers | await _sent(server, errand)


async def _asked(server: RemoteServer) -> Receiving | None:
    """Ask the server where its refs are; None if it is not one that we can push to."""
    try:
        said = await server.ask(RECEIVE, most=_MOST_TOLD)
        told = await beside.read(offered.receiving, said) if said is not None else None
    except (UnreadableTalkError, errors.TowpathError) as error:
        log.debug("a push is left to git", extra={"repository": str(server), "cause": str(error)})
        return None
    server.can_receive = told.is_plain if told else None
    return told if server.can_receive else None


async def _prepared(
    mirror: Mirror,
    server: RemoteServer,
    updates: Sequence[RefUpdate],
    where: Mapping[str, str],
    has: frozenset[str],
) -> _Errand:
    """Find what has to be sent to a server whose refs are `where` it says, and that has those commits and all they lead to."""
    errand = _Errand()
    for update in updates:
        before = where.get(update.ref, _NOTHING)
        if before == update.commit:
            errand.answers[update] = AlreadyThere(update.commit)
            continue
        try:
            row = await _row(mirror, server, update, before, has)
            is_found = isinstance(row, list) and await sending.gather(
                mirror, row[0], row[1:], errand.objects
            )
        except errors.TowpathError:  # the mirror lacks something: git tells what that means
            row, is_found = None, False
        if is_found:
            errand.commands.append(_Command(update, before))
        else:
            errand.answers[update] = None if isinstance(row, list) else row
    return errand


async def _row(
    mirror: Mirror,
    server: RemoteServer,
    update: RefUpdate,
    before: str,
    has: frozenset[str],
) -> list[str] | Moved | AlreadyThere | None:
    """Return a commit that the server has, and those on top of it that lead to the one that is sent; None: git has to tell."""
    is_built_on = before != _NOTHING and not update.is_forced
    ends = {before} if is_built_on else has
    row = await ancestry.row(mirror, update.commit, ends=ends, most=_LONGEST)
    if row[-1] in ends:
        return row[::-1]
    if not is_built_on:
        return None
    if await mirror.find(before) is None:
        return Moved("fetch first")
    lacking = await ancestry.lacking(mirror, before, update.commit)
    if lacking is None or lacking.fork == before:
        return None
    if not lacking.commits:
        return AlreadyThere(update.commit)
    # Where the mirror surely has all of it, nobody needs to fetch it.
    return Moved("non-fast-forward", before if before in server.heads else None)


async def _sent(server: RemoteServer, errand: _Errand) -> Answers:
    """Send what was prepared; return what became of it."""
    commands = errand.commands
    answers = Answers(dict.fromkeys(each.update for each in commands))
    if not commands:
        return answers
    contents = [(each.kind, each.content) for each in errand.objects.values()]
    if sum(len(content) for _, content in contents) <= _FEW_BYTES:
        pack = packs.written(contents)
    else:
        pack = await asyncio.to_thread(packs.written, contents)
    if len(pack) > _MOST_SENT:
        return answers
    said = await server.ask(RECEIVE, _request(commands) + pack, most=_MOST_TOLD)
    try:
        return await _read(server, commands, said)
    except UnreadableTalkError as error:
        log.debug("a push is left to git", extra={"repository": str(server), "cause": str(error)})
        return answers


def _request(commands: Sequence[_Command]) -> bytes:
    lines = [f"{each.before} {each.update.commit} {each.update.ref}" for each in commands]
    lines[0] += f"\0{_CAN}"
    return b"".join((*map(line, lines), Mark.FLUSH.value))


async def _read(server: RemoteServer, commands: Sequence[_Command], said: bytes | None) -> Answers:
    """Read what the server says became of it. Raises UnreadableTalkError."""
    answers = Answers(dict.fromkeys(each.update for each in commands))
    if said is None:
        return answers
    reported, told = await beside.read(_reported, said)
    if reported is None:
        return answers
    text = server.masked(told.decode("utf-8", "replace")).replace("\r", "\n")
    remote = git_errors.remote_lines("\n".join(f"remote: {each}" for each in text.split("\n")))
    for update in answers:
        ref = update.ref
        what, reason = reported.get(ref, ("", ""))
        if what == "ok":
            answers[update] = Pushed(update.commit)
            server.has(ref, update.commit)
        elif what == "ng":
            server.forget(ref)
            why = server.masked(reason)
            is_moved = rejections.is_moved(why)
            answers[update] = Moved(why, remote=remote) if is_moved else Refused(why, remote)
    return answers


def _reported(said: bytes) -> tuple[dict[str, tuple[str, str]] | None, bytes]:
    """Return what a server says became of each ref, in a word and its reason, and what people are told.

    None: it could not unpack what was sent. Raises UnreadableTalkError.
    """
    report, told = packet_lines.unbanded(packet_lines.lines(said))
    found: dict[str, tuple[str, str]] = {}
    for each in packet_lines.lines(report):
        words = "" if isinstance(each, Mark) else each.decode("utf-8", "replace").rstrip("\n")
        what, _, rest = words.partition(" ")
        if what == "unpack" and rest != "ok":
            return None, told
        ref, _, reason = rest.partition(" ")
        if what in ("ok", "ng"):
            found[ref] = what, reason
    return found, told
