"""`towpath explain freight F`: what is attached to the images of Freight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources.document import documents

if TYPE_CHECKING:
    from towpath.resources.document import Document

_MOST_ANNOTATIONS: Final = 4
"""Of one attachment; `-o json` has more."""
_SHORT_DIGEST: Final = 19
"""Characters: the algorithm and twelve digits, as tools of containers show it."""
_TOLD_ELSEWHERE: Final = frozenset(
    {
        "org.opencontainers.image.created",
        "predicateType",
        "in-toto.io/predicate-type",
        "dev.sigstore.bundle.predicateType",
    }
)
"""Annotations that have a place of their own in the line above."""
_NOT_OFFERED: Final = (
    "    the registry does not tell what is attached: it has neither the referrers API nor its tag"
)


def lines(answer: Document) -> list[str]:
    """Return what is attached to each image as lines."""
    alias = answer.get("alias")
    said = [f"Freight {answer.get('freight')}" + (f" ({alias})" if alias else "")]
    images = documents(answer, "images")
    if not images:
        said.append("  It has no images.")
    for each in images:
        said += ["", *_image(each)]
    if answer.get("leftOut"):
        said += ["", f"and {answer['leftOut']} more images"]
    if images:
        said += ["", "Who attached it, and whether it is genuine, has not been verified."]
    return said


def _image(told: Document) -> list[str]:
    tag, digest = told.get("tag"), str(told.get("digest") or "")
    said = [
        f"  {told.get('repoURL')}" + (f":{tag}" if tag else "") + f"  {_short(digest)}".rstrip()
    ]
    if told.get("error"):
        return [*said, f"    cannot be asked about: {told['error']}"]
    found = documents(told, "attached")
    for each in found:
        said += _attachment(each)
    if told.get("by") == "nothing":
        said.append(_NOT_OFFERED)
    elif not found:
        said.append("    nothing is attached")
    if told.get("isCut"):
        said.append("    and more")
    return said


def _attachment(told: Document) -> list[str]:
    what = told.get("format") or told.get("predicate") or _type(told)
    created = f"  {told['created']}" if told.get("created") else ""
    head = f"    {told.get('kind')!s:<11} {what!s:<16} {_short(str(told.get('digest') or ''))}{created}"
    return [head, *(f"      {each}" for each in _details(told, str(what)))]


def _details(told: Document, what: str) -> list[str]:
    known = [each for each in (_type(told), told.get("predicate")) if each and each != what]
    annotations = told.get("annotations")
    pairs = [
        f"{key}: {value}"
        for key, value in (annotations.items() if isinstance(annotations, dict) else ())
        if key not in _TOLD_ELSEWHERE
    ]
    return [*map(str, known), *pairs[:_MOST_ANNOTATIONS]]


def _type(told: Document) -> str:
    return str(told.get("artifactType") or told.get("mediaType") or "")


def _short(digest: str) -> str:
    return digest[:_SHORT_DIGEST]
