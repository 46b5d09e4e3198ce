"""The board, to look at in the browser: a column for each status, a card for each issue. It keeps itself up to date.

Nothing comes from elsewhere: style and script are in the page, and whatever people wrote is text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.clients.trackers.jira.texts import as_text

if TYPE_CHECKING:
    from towpath.demo.jira.site import DemoIssue, JiraSite
    from towpath.demo.loopback import Answer, Request

_PATH: Final = re.compile(r"/(?:(?P<what>board|browse)/(?P<key>[A-Za-z0-9_-]{1,120}))?")
_MOST_CARDS: Final = 40
_MOST_LINES: Final = 50
_SHOWN_CHARS: Final = 280
_STYLE: Final = """
:root { color-scheme: light dark; --paper: #f6f7f9; --card: #fff; --ink: #1d2530; --soft: #5a6675; --line: #dde2e8;
  --accent: #1f5fbf; --new: #8792a2; --doing: #b7791f; --done: #2f7d4f; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --card: #1c2229; --ink: #e4e8ed; --soft: #9aa5b3;
  --line: #2c343e; --accent: #7fb0f5; --new: #8792a2; --doing: #d9a441; --done: #5fb883; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
header { display: flex; gap: 1rem; align-items: baseline; padding: .75rem 1.25rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1rem; margin: 0; } header p { margin: 0; color: var(--soft); font-size: .8rem; }
a { color: var(--accent); text-decoration: none; } a:hover, a:focus-visible { text-decoration: underline; }
.columns { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(13rem, 1fr); gap: .75rem; padding: .75rem 1.25rem;
  overflow-x: auto; align-items: start; }
section h2 { font-size: .75rem; font-weight: 600; color: var(--soft); margin: .25rem 0 .5rem; display: flex; gap: .5rem;
  align-items: center; }
section h2::before { content: ""; width: .55rem; height: .55rem; border-radius: 50%; background: var(--new); }
section.indeterminate h2::before { background: var(--doing); } section.done h2::before { background: var(--done); }
ul { list-style: none; margin: 0; padding: 0; } .cards { display: grid; gap: .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .55rem .7rem; }
.card p { margin: .15rem 0 0; overflow-wrap: anywhere; } .key { font-size: .75rem; font-variant-numeric: tabular-nums; }
.tags { display: flex; flex-wrap: wrap; gap: .3rem; margin-top: .35rem; }
.tag { font-size: .7rem; border: 1px solid var(--line); border-radius: .8rem; padding: 0 .5rem; }
.tag.version { border-color: var(--done); color: var(--done); }
.said { color: var(--soft); font-size: .78rem; border-top: 1px solid var(--line); margin-top: .4rem !important;
  padding-top: .35rem; white-space: pre-line; }
.none { color: var(--soft); font-size: .78rem; } article { max-width: 52rem; padding: .75rem 1.25rem; }
article h2 { font-size: .8rem; color: var(--soft); margin: 1.25rem 0 .35rem; } article pre { white-space: pre-wrap; font: inherit;
  margin: 0; overflow-wrap: anywhere; } article li { border-top: 1px solid var(--line); padding: .4rem 0; }
time { color: var(--soft); font-size: .75rem; margin-right: .6rem; font-variant-numeric: tabular-nums; }
"""
_SCRIPT: Final = """
const main = document.querySelector('main');
async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, {headers: {'X-Refresh': '1'}});
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    if (found && found.innerHTML !== main.innerHTML && !main.contains(document.activeElement)) main.innerHTML = found.innerHTML;
  } catch (away) {}
}
setInterval(look, 2000);
document.addEventListener('visibilitychange', look);
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_HASH}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


def respond(site: JiraSite, request: Request) -> Answer:
    """Answer a browser: the projects, the board of one, or one issue."""
    found = _PATH.fullmatch(request.path)
    if found is None or request.method not in ("GET", "HEAD"):
        return 404, _HEADERS, _page("Not here", "<article><p>There is no such page.</p></article>")
    key = found["key"] or ""
    if found["what"] is None:
        projects = list(site.contents.projects)
        if len(projects) == 1:
            return 302, {"Location": f"/board/{projects[0]}"}, b""
        return 200, _HEADERS, _page("Projects", _projects(site))
    if found["what"] == "browse":
        issue = site.find(key)
        if issue is None:
            gone = f"<article><p>There is no issue {_text(key)}.</p></article>"
            return 404, _HEADERS, _page(key, gone)
        return 200, _HEADERS, _page(f"{issue.key} {issue.summary}", _issue(issue), issue.project)
    project = site.contents.projects.get(key)
    if project is None:
        return (
            404,
            _HEADERS,
            _page(key, f"<article><p>There is no project {_text(key)}.</p></article>"),
        )
    return 200, _HEADERS, _page(f"{project.name} board", _board(site, key))


def _projects(site: JiraSite) -> str:
    listed = "".join(
        f'<li><a href="/board/{_text(each.key)}">{_text(each.name)}</a></li>'
        for each in site.contents.projects.values()
    )
    return f"<article><ul>{listed}</ul></article>"


def _board(site: JiraSite, project: str) -> str:
    issues = [each for each in site.contents.issues.values() if each.project == project]
    issues.sort(key=lambda each: each.updated, reverse=True)
    columns = []
    for number, status in enumerate(site.workflow.statuses):
        held = [each for each in issues if each.status == status.name]
        cards = "".join(map(_card, held[:_MOST_CARDS])) or '<li class="none">None</li>'
        more = len(held) - _MOST_CARDS
        cards += f'<li class="none">and {more:,} more</li>' if more > 0 else ""
        columns.append(
            f'<section class="{status.category}" aria-labelledby="status-{number}">'
            f'<h2 id="status-{number}">{_text(status.name)} <span>{len(held)}</span></h2>'
            f'<ul class="cards">{cards}</ul></section>'
        )
    return f'<div class="columns">{"".join(columns)}</div>'


def _card(issue: DemoIssue) -> str:
    said = ""
    if issue.comments:
        newest = issue.comments[-1]
        said = f'<p class="said">{_text(_short(as_text(newest.body)))}</p>'
    return (
        f'<li class="card"><a class="key" href="/browse/{_text(issue.key)}">{_text(issue.key)}</a>'
        f"<p>{_text(issue.summary)}</p>{_tags(issue)}{said}</li>"
    )


def _tags(issue: DemoIssue) -> str:
    tags = [f'<span class="tag version">{_text(each)}</span>' for each in issue.fix_versions]
    tags += [f'<span class="tag">{_text(each)}</span>' for each in issue.labels]
    return f'<div class="tags">{"".join(tags)}</div>' if tags else ""


def _issue(issue: DemoIssue) -> str:
    described = as_text(issue.description)
    comments = "".join(
        f"<li>{_time(each.created)}<pre>{_text(as_text(each.body))}</pre></li>"
        for each in issue.comments[: -_MOST_LINES - 1 : -1]
    )
    history = "".join(
        f"<li>{_time(each.at)}{_text(each.what)}</li>"
        for each in issue.history[: -_MOST_LINES - 1 : -1]
    )
    return (
        f"<article><p><strong>{_text(issue.status)}</strong> · {_text(issue.type)}</p>{_tags(issue)}"
        + (f"<h2>Description</h2><pre>{_text(described)}</pre>" if described else "")
        + (f"<h2>Comments</h2><ul>{comments}</ul>" if comments else "")
        + f"<h2>History</h2><ul>{history}</ul></article>"
    )


def _page(title: str, contents: str, project: str = "") -> bytes:
    up = f'<p><a href="/board/{_text(project)}">Board</a></p>' if project else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style>"
        '<noscript><meta http-equiv="refresh" content="5"></noscript></head>'
        f"<body><header><h1>{_text(title)}</h1>{up}<p>a stand-in for Jira, of Towpath's demo</p></header>"
        f"<main>{contents}</main><script>{_SCRIPT}</script></body></html>"
    ).encode()


def _text(value: str) -> str:
    return html.escape(messages.plain(value))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS].rstrip() + messages.CUT


def _time(moment: str) -> str:
    at = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S} UTC</time>'
