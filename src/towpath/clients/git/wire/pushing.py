"""Sends commits to branches without git: one request for all that go together, and nothing asked before where that is known.

Where a branch is, is taken to be where it was fetched or pushed last. A push says that, and a server leaves a branch that is
elsewhere as it is (gitprotocol-pack, "Reference Update Request"). Where nobody knows, it is asked, as git asks it each time.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import ancestry, git_errors, rejections
from towpath.clients.git.push_outcomes import AlreadyThere, Moved, Outcome, Pushed, Refused
from towpath.clients.git.stored import Found
from towpath.clients.git.talk import Update
from towpath.clients.git.wire import offered, packet_lines, packs, sending
from towpath.clients.git.wire.packet_lines import Mark, UnreadableTalkError, line
from towpath.clients.git.wire.server import RECEIVE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.git.mirror import Mirror
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


@dataclass(frozen=True, slots=True)
class _Command:
    """What is sent for an update."""

    update: Update
    before: str
    """Where the branch has to be; `_NOTHING` if it must not be there."""


Answers = dict[Update, Outcome | None]


async def pushed(mirror: Mirror, server: RemoteServer, updates: Sequence[Update]) -> Answers:
    """Return what became of updates of different branches; None for one that git has to send: it may or may not be done.

    Raises Unreachable and Timeout: then nobody knows what the server has done.
    """
    answers = Answers()
    if not server.is_reached or server.can_receive is False:
        return dict.fromkeys(updates)
    guesses = {each.ref: head for each in updates if (head := server.head(each.ref))}
    if server.can_receive and all(each.ref in guesses and not each.is_forced for each in updates):
        answers = await _sent(mirror, server, updates, guesses, server.heads)
    # That there is nothing to do was guessed; that the branch has moved was told by the server.
    left = [
        each for each in updates if isinstance(answers.get(each, AlreadyThere("")), AlreadyThere)
    ]
    if not left:
        return answers
    told = await _asked(server)
    if told is None:
        return answers | dict.fromkeys(left)
    return answers | await _sent(
        mirror, server, left, told.refs, told.others.union(told.refs.values())
    )


async def _asked(server: RemoteServer) -> Receiving | None:
    """Ask the server where its refs are; None if it is not one that we can push to."""
    try:
        said = await server.ask(RECEIVE, most=_MOST_TOLD)
        told = offered.receiving(said) if said is not None else None
    except (UnreadableTalkError, errors.TowpathError) as error:
        log.debug("a push is left to git", extra={"repository": str(server), "cause": str(error)})
        return None
    server.can_receive = told.is_plain if told else None
    return told if server.can_receive else None


async def _sent(
    mirror: Mirror,
    server: RemoteServer,
    updates: Sequence[Update],
    where: Mapping[str, str],
    has: frozenset[str],
) -> Answers:
    """Send updates to a server whose refs are `where` it says, and which has those commits with all that leads to them."""
    answers, commands, found = Answers(), list[_Command](), dict[str, Found]()
    for update in updates:
        before = where.get(update.ref, _NOTHING)
        if before == update.commit:
            answers[update] = AlreadyThere(update.commit)
            continue
        try:
            row = await _row(mirror, update, before, has)
            is_known = isinstance(row, list) and await sending.gather(
                mirror, row[0], row[1:], found
            )
        except errors.TowpathError:  # the mirror lacks something: git tells what that means
            row, is_known = None, False
        if is_known:
            commands.append(_Command(update, before))
        else:
            answers[update] = row if isinstance(row, Moved) else None
    if not commands:
        return answers
    contents = [(each.kind, each.content) for each in found.values()]
    if sum(len(content) for _, content in contents) <= _FEW_BYTES:
        pack = packs.written(contents)
    else:
        pack = await asyncio.to_thread(packs.written, contents)
    if len(pack) > _MOST_SENT:
        return answers | {each.update: None for each in commands}
    said = await server.ask(RECEIVE, _request(commands) + pack, most=_MOST_TOLD)
    try:
        return answers | _read(server, commands, said)
    except UnreadableTalkError as error:
        log.debug("a push is left to git", extra={"repository": str(mirror), "cause": str(error)})
        return answers | {each.update: None for each in commands}


async def _row(
    mirror: Mirror, update: Update, before: str, has: frozenset[str]
) -> list[str] | Moved | None:
    """Return a commit that the server has, and those on top of it that lead to the one that is sent; None: git has to tell."""
    is_built_on = before != _NOTHING and not update.is_forced
    ends = {before} if is_built_on else has
    row = await ancestry.row(mirror, update.commit, ends=ends, most=_LONGEST)
    if row[-1] in ends:
        return row[::-1]
    if is_built_on and await mirror.find(before) is None:
        return Moved("fetch first")
    return None


def _request(commands: Sequence[_Command]) -> bytes:
    lines = [f"{each.before} {each.update.commit} {each.update.ref}" for each in commands]
    lines[0] += f"\0{_CAN}"
    return b"".join((*map(line, lines), Mark.FLUSH.value))


def _read(server: RemoteServer, commands: Sequence[_Command], said: bytes | None) -> Answers:
    """Read what the server says became of it. Raises UnreadableTalkError."""
    answers = Answers(dict.fromkeys(each.update for each in commands))
    if said is None:
        return answers
    report, told = packet_lines.unbanded(packet_lines.lines(said))
    text = server.masked(told.decode("utf-8", "replace")).replace("\r", "\n")
    remote = git_errors.remote_lines("\n".join(f"remote: {each}" for each in text.split("\n")))
    by_ref = {each.update.ref: each.update for each in commands}
    for each in packet_lines.lines(report):
        words = "" if isinstance(each, Mark) else each.decode("utf-8", "replace").rstrip("\n")
        what, _, rest = words.partition(" ")
        if what == "unpack" and rest != "ok":
            return answers
        ref, _, reason = rest.partition(" ")
        update = by_ref.get(ref)
        if update is None:
            continue
        if what == "ok":
            answers[update] = Pushed(update.commit)
            server.has(ref, update.commit)
        elif what == "ng":
            server.forget(ref)
            why = server.masked(reason)
            is_moved = rejections.is_moved(why)
            answers[update] = Moved(why, remote=remote) if is_moved else Refused(why, remote)
    return answers
