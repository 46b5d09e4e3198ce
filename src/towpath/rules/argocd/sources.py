"""The sources of an Application as a Promotion wants them: all that it says nothing of stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.errors import Invalid
from towpath.rules.argocd.overlay import overlaid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.rules.argocd.application import Application, AppSource
    from towpath.rules.argocd.desired_revisions import ImageUpdate, Wanted


def updated(application: Application, wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """Return the documents of all sources after an update; `wanted` has one entry for each.

    Raises Invalid for an image with neither tag nor digest.
    """
    return [
        _updated(source, each, application.said)
        for source, each in zip(application.sources, wanted, strict=True)
    ]


def spec_patch(application: Application, wanted: Sequence[Wanted]) -> dict[str, Any]:
    """Return what a merge patch has to say of `spec`. Raises as `updated`.

    Lists are replaced whole by such a patch, so of several sources all are in it, the ones that stay too.
    """
    after = updated(application, wanted)
    before = [dict(each.document) for each in application.sources]
    if after == before:
        return {}
    return {"sources": after} if application.is_multi else {"source": after[0]}


def _updated(source: AppSource, wanted: Wanted, where: str) -> dict[str, Any]:
    before = dict(source.document)
    said: dict[str, Any] = {}
    if wanted.sets_target and wanted.revision:
        said["targetRevision"] = wanted.revision
    if wanted.images:
        there = _list(before.get("kustomize"), "images")
        said["kustomize"] = {"images": _images(there, wanted.images, where)}
    if wanted.parameters:
        there = _list(before.get("helm"), "parameters")
        said["helm"] = {"parameters": _parameters(there, wanted.parameters)}
    found: dict[str, Any] = overlaid(said, before)
    return found


def _images(there: list[Any], wanted: Sequence[ImageUpdate], where: str) -> list[Any]:
    """Return the images: those of the update in the place of what there is of their names, all others as they are."""
    written = [(each.repo_url, _written(each, where)) for each in wanted]
    found: list[Any] = []
    placed: set[str] = set()
    for each in there:
        name = image_name(each) if isinstance(each, str) else None
        mine = [text for own, text in written if own == name]
        if not mine or name is None:
            found.append(each)
        elif name not in placed:
            placed.add(name)
            found += mine
    return found + [text for name, text in written if name not in placed]


def image_name(written: str) -> str:
    """Return the name that an entry of `kustomize.images` is about: `NAME[=NEW][:TAG][@DIGEST]`."""
    name = written.partition("=")[0].partition("@")[0]
    before, colon, after = name.rpartition(":")
    return before if colon and "/" not in after else name


def _written(image: ImageUpdate, where: str) -> str:
    name = f"{image.repo_url}={image.new_name}" if image.new_name else image.repo_url
    if image.digest:
        return f"{name}@{image.digest}"
    if image.tag:
        return f"{name}:{image.tag}"
    raise Invalid(
        f"{where}: the update of image {image.repo_url} has neither tag nor digest; give one of them"
    )


def _parameters(there: list[Any], wanted: Sequence[tuple[str, str]]) -> list[Any]:
    """Return the parameters: every one of a name gets the value, since Helm takes the last; new ones come at the end."""
    values = dict(wanted)
    found = [
        overlaid({"value": values[each["name"]]}, each)
        if isinstance(each, dict) and each.get("name") in values
        else each
        for each in there
    ]
    known = {each.get("name") for each in there if isinstance(each, dict)}
    return found + [{"name": name, "value": value} for name, value in wanted if name not in known]


def _list(given: object, key: str) -> list[Any]:
    found = given.get(key) if isinstance(given, dict) else None
    return list(found) if isinstance(found, list) else []
