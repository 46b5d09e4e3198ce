"""What `towpath doctor` asks a server: whether it answers, its clock, connections, Warehouses, credentials and channels."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from towpath import __version__, errors
from towpath.cli.kept.creds import type_of
from towpath.cli.kinds.columns import at
from towpath.resources.document import documents
from towpath.resources.finding import Finding, Wellness

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_OK, _ILL, _UNKNOWN = Wellness.OK, Wellness.ILL, Wellness.UNKNOWN
_SKEW: Final = 5.0
"""Seconds that clocks may differ."""
_KINDS: Final = (("messagechannels", "channel", "channels"), ("stages", "stage", "Stages"))
"""What says of itself whether it is ready: in the plural, one of them, all of them."""
_NOT_YET: Final = ("NoFreight", "ActivePromotion", "WaitingForHealthCheck")
"""Reasons for which a Stage is not ready and nothing is wrong with it."""
_TYPES: Final = {"git": "git", "image": "image", "chart": "helm"}


def diagnosed(
    client: Client, projects: list[str], now: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """Yield what is found, one thing after another; the rest is not asked of a server that does not answer.

    `projects`: of these; none: of all that the caller may see.
    """
    try:
        version = str(client.version().get("version") or "")
    except errors.TowpathError as error:
        remedy = "start it with `towpath up`, or name another with --server"
        if isinstance(error, errors.Unauthenticated):  # it answers, and says itself what helps
            yield Finding("sign-in", _ILL, error.message)
        else:
            yield Finding("server", _ILL, error.message, remedy)
        return
    yield Finding("server", _OK, f"it answers, version {version}")
    if version.removeprefix("v") != __version__:
        remedy = "use the version of the server: pip install towpath==VERSION"
        yield Finding(
            "version", _ILL, f"the server has {version}, this program {__version__}", remedy
        )
    else:
        yield Finding("version", _OK, "server and program have the same")
    yield from _caller(client, now)
    outside: list[Finding] = []
    for each in _looks(client, projects):
        outside.append(each)
        yield each
    yield from _of_itself(client, {each.what for each in outside if each.wellness is not _OK})


def _looks(client: Client, projects: list[str]) -> Iterator[Finding]:
    """Yield what is found of connections, Projects and receivers of webhooks."""
    yield from _asked("Argo CD", lambda: _argocd(client))
    if not projects:
        try:
            projects = [at("metadata", "name")(each) for each in client.objects("projects", "")]
        except errors.TowpathError as error:
            yield Finding("Projects", _UNKNOWN, error.message, "name one with --project")
    for project in projects:
        yield from _asked(f"Warehouses of {project}", partial(_warehouses, client, project))
        for plural, kind, title in _KINDS:
            look = partial(_ready, client, project, plural, kind)
            yield from _asked(f"{title} of {project}", look)
        yield from _asked(f"webhooks of {project}", partial(_webhooks, client, project))
    yield from _asked("webhooks of the ClusterConfig", partial(_webhooks, client, ""))


def _of_itself(client: Client, known: Collection[str]) -> Iterator[Finding]:
    """Yield what the server finds of itself, where it is asked by somebody who may and knows how to.

    `known`: what was told of as not well already; once is enough.
    """
    remedy = "on the server's machine: towpath doctor --offline --data DIR"
    try:
        items = documents(client.doctor(), "items")
    except errors.TowpathError as error:
        said = f"the server does not tell: {error.message}"
        yield Finding("disk and programs of the server", _UNKNOWN, said, remedy)
        return
    for each in items:
        wellness = at("is")(each)
        if at("what")(each) in known:
            continue
        yield Finding(
            f"the server's own look: {at('what')(each)}",
            Wellness(wellness) if wellness in list(Wellness) else _UNKNOWN,
            at("said")(each),
            at("remedy")(each),
        )


def _asked(what: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """Return what a look finds, and why it finds nothing where it may not look."""
    try:
        return look()
    except (errors.Forbidden, errors.NotFound, errors.NotImplemented) as error:
        return [Finding(what, _UNKNOWN, error.message, "ask somebody who may see them")]
    except errors.TowpathError as error:
        return [Finding(what, _ILL, error.message, "see the log of the server")]


def _caller(client: Client, now: Callable[[], float]) -> Iterator[Finding]:
    try:
        before = now()
        me = client.me()
        after = now()
    except errors.TowpathError as error:
        yield Finding("sign-in", _ILL, error.message, "towpath login")
        return
    yield Finding("sign-in", _OK, f"you are {me.get('actor')}")
    try:
        theirs = datetime.fromisoformat(str(me.get("at"))).timestamp()
    except ValueError:
        yield Finding("clock", _UNKNOWN, "the server does not tell its time", "look at it there")
        return
    ahead = theirs - after if theirs > after else min(0.0, theirs - before)
    if abs(ahead) > _SKEW:
        said = f"the server's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this one"
        yield Finding(
            "clock",
            _ILL,
            said,
            "have both follow a time server: windows, soak times and tokens go by the clock",
        )
    else:
        yield Finding("clock", _OK, "the server's agrees with this one")


def _argocd(client: Client) -> list[Finding]:
    connections = client.argocd_connections()
    if not connections:
        return [
            Finding(
                "Argo CD", _OK, "there is no connection, and none is needed without Applications"
            )
        ]
    found = []
    for each in connections:
        what, error = f"Argo CD connection {each.get('name')}", each.get("error")
        if error:
            remedy = f"towpath get argocd {each.get('name')} -o wide"
            found.append(Finding(what, _ILL, f"{each.get('state')}: {error}", remedy))
        else:
            found.append(Finding(what, _OK, str(each.get("state"))))
    return found


def _warehouses(client: Client, project: str) -> list[Finding]:
    found = []
    for each in client.objects("warehouses", project):
        name = at("metadata", "name")(each)
        found.append(
            _fares(
                each,
                f"warehouse/{name} of {project}",
                f"towpath refresh warehouse {name} -p {project} --wait",
            )
        )
        for type_, url in _repositories(each):
            look = partial(_credentials, client, project, type_, url)
            found += _asked(f"credentials for {url}", look)
    return found


def _webhooks(client: Client, project: str) -> list[Finding]:
    """Return how receivers fare, of a Project or (empty) of the ClusterConfig."""
    whose, option = (project, f"-p {project}") if project else ("the ClusterConfig", "--cluster")
    found = []
    for each in client.webhooks(project):
        name, problem = str(each.get("name")), str(each.get("problem") or "")
        warning = str(each.get("warning") or "")
        how = _ILL if problem else _UNKNOWN if warning else _OK
        last = each.get("last")
        said = warning or (f"something came last at {last}" if last else "nothing came yet")
        remedy = f"towpath webhooks receipts {name} {option}" if warning else ""
        found.append(Finding(f"webhook receiver {name} of {whose}", how, said, remedy))
    return found


def _repositories(warehouse: Document) -> Iterator[tuple[str, str]]:
    for each in documents(warehouse, "spec", "subscriptions"):
        for kind, of in each.items():
            url = of.get("repoURL") if isinstance(of, dict) else None
            if kind in _TYPES and isinstance(url, str):
                yield (
                    (
                        type_of(url)
                        if kind == "chart" and url.startswith("oci://")
                        else _TYPES[kind]
                    ),
                    url,
                )


def _credentials(client: Client, project: str, type_: str, url: str) -> list[Finding]:
    told = client.explain_credentials(project, url, type_)
    serves = told.get("serves")
    named = ""
    if isinstance(serves, dict):  # of a shared one the name is not told to everybody
        named = f"{serves.get('namespace')}/{serves.get('name') or '(name not shown)'}"
    said = f"Secret {named} is sent" if named else "none is sent: it is asked as anybody"
    return [Finding(f"credentials for {url}", _OK, said)]


def _ready(client: Client, project: str, plural: str, kind: str) -> list[Finding]:
    found = []
    for each in client.objects(plural, project):
        name = at("metadata", "name")(each)
        remedy = f"towpath explain {kind + '/' if kind != 'stage' else ''}{name} -p {project}"
        found.append(_fares(each, f"{kind}/{name} of {project}", remedy))
    return found


def _fares(document: Document, what: str, remedy: str) -> Finding:
    for each in documents(document, "status", "conditions"):
        if at("type")(each) == "Ready":
            if at("status")(each) == "True":
                return Finding(what, _OK, "ready")
            is_ill = at("status")(each) == "False" and at("reason")(each) not in _NOT_YET
            said = at("message")(each) or at("reason")(each)
            return Finding(what, _ILL if is_ill else _UNKNOWN, said, remedy)
    return Finding(what, _UNKNOWN, "nothing has looked at it yet", remedy)
