"""Which Warehouses a push may bring something to: by the repositories, branches, tags and paths of their subscriptions. Pure.

What is told here is whether it is worth a look. What is not told by whoever pushed (which files changed, which tag) rules
nothing out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.artifacts.images import selection_of
from towpath.messages import foreign
from towpath.resources import subscribed
from towpath.resources.structs import view
from towpath.resources.warehouse import ChartSubscription, GitSubscription, ImageSubscription
from towpath.rules.commit_selection import commit_rules
from towpath.versions import semver
from towpath.versions.tags import SelectionError, may_select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.rules.webhooks.deeds import PushDeed

_SHOWN: Final = 120
_BRANCH: Final = "refs/heads/"
_TEST_WEIGHT: Final = 4
"""To hold a path or a tag against one selector is as much work as to read so many bytes of YAML."""
_MOST_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class PushVerdict:
    """Whether a push is worth a look of a Warehouse, and why."""

    wakes: bool
    why: str


def addresses(pushed: PushDeed) -> tuple[str, ...]:
    """Return the addresses of a push as Warehouses are found by them."""
    forms = [subscribed.FORMS[type_] for type_ in pushed.artifact.value]
    return tuple(dict.fromkeys(form(url) for url in pushed.urls for form in forms))


def weight(subscriptions: Sequence[Any], pushed: PushDeed) -> int:
    """Return how much work `verdict` is, in bytes of YAML."""
    told = len(pushed.changed) + len(pushed.refs) + len(pushed.tags)
    tests = 0
    for _, config, _ in subscribed.subscriptions(subscriptions):
        for key in ("includePaths", "excludePaths", "allowTagsRegexes", "ignoreTagsRegexes"):
            found = config.get(key)
            tests += 1 + (len(found) if isinstance(found, list) else 0)
    return told * tests * _TEST_WEIGHT


def verdicts(warehouses: Sequence[Sequence[Any]], pushed: PushDeed) -> list[PushVerdict]:
    """Return the verdict on each of some Warehouses, given by the items of their `spec.subscriptions`."""
    return [verdict(subscriptions, pushed) for subscriptions in warehouses]


def verdict(subscriptions: Sequence[Any], pushed: PushDeed) -> PushVerdict:
    """Return whether a push may bring something to one of a Warehouse's subscriptions."""
    wanted = addresses(pushed)
    against = []
    for type_, config, url in subscribed.subscriptions(list(subscriptions)):
        if type_ not in pushed.artifact.value or url not in wanted:
            continue
        try:
            why_not = _why_not(type_, config, pushed)
        except (SelectionError, semver.VersionError, patterns.PatternError) as error:
            why_not = f"its rules cannot be read: {error}"
        if not why_not:
            return PushVerdict(True, f"it subscribes to {foreign(url, most_bytes=_SHOWN)}")
        against.append(why_not)
    if not against:
        return PushVerdict(False, "it does not subscribe to the repository")
    return PushVerdict(False, "; ".join(dict.fromkeys(against[:_MOST_REASONS])))


def _why_not(type_: str, config: Mapping[str, Any], pushed: PushDeed) -> str:
    """Return why a subscription to the repository has no use for a push; empty if it may have."""
    match type_:
        case "git":
            return _git(view(GitSubscription, dict(config)), pushed)
        case "image":
            return _image(view(ImageSubscription, dict(config)), pushed.tags)
    return _chart(view(ChartSubscription, dict(config)), pushed.tags)


def _git(wanted: GitSubscription, pushed: PushDeed) -> str:
    rules = commit_rules(wanted)
    follows_default = rules.tags is None and not rules.branch and pushed.default_branch
    if pushed.refs:
        fits = (
            f"{_BRANCH}{pushed.default_branch}" in pushed.refs
            if follows_default
            else any(rules.matches_ref(ref) for ref in pushed.refs)
        )
        if not fits:
            asked = "tags" if rules.tags else f"branch {rules.branch or 'of the default'}"
            return f"{_shown(pushed.refs)}: the subscription is to {asked}"
    if rules.tags is None and pushed.changed and not rules.paths.admits(pushed.changed):
        return (
            f"none of the {len(pushed.changed):,} changed files is selected by includePaths and excludePaths "
            f"(the first: {_shown(pushed.changed)})"
        )
    return ""


def _image(wanted: ImageSubscription, tags: Sequence[str]) -> str:
    if not tags:
        return ""
    if wanted.image_selection_strategy == "Digest":
        followed = wanted.constraint or wanted.semver_constraint
        return "" if followed in tags else f"{_shown(tags)}: the subscription follows {followed!r}"
    selection = selection_of(wanted)
    if any(may_select(tag, selection) for tag in tags):
        return ""
    return f"{_shown(tags)}: the tag is not selected"


def _chart(wanted: ChartSubscription, tags: Sequence[str]) -> str:
    range_ = semver.parse_range(wanted.semver_constraint) if wanted.semver_constraint else None
    for tag in tags:
        try:
            version = semver.parse(tag.replace("_", "+"))  # as Helm writes versions into tags
        except semver.VersionError:
            continue
        if range_ is None or range_.contains(version):
            return ""
    return f"{_shown(tags)}: the version is not selected" if tags else ""


def _shown(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - 1:,} more" if len(texts) > 1 else ""
    return foreign(texts[0], most_bytes=_SHOWN) + more
