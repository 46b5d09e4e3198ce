"""`kustomize-set-image`: sets images in a kustomization; what is not about them stays, to the byte."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import messages
from towpath.disk.entries import EntryKind
from towpath.documents.kustomization import NAMES
from towpath.documents.kustomize_images import ImageSetting, set_images
from towpath.errors import BadRequest, NotFound
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.step import Outcome, StepContext
    from towpath.promotion.work_directory import WorkDirectory

_CPU_SECONDS: Final = 60.0
_MOST_TOLD: Final = 10


class KustomizeImage(Struct, kw_only=True):
    """An image to set."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.tag) != has(self.digest)",
            message="name exactly one of tag and digest",
            holds=lambda image, _: bool(image.get("tag")) != bool(image.get("digest")),
        ),
    )

    image: Annotated[
        str, Field("The repository, as it stands in manifests and in Freight.", min_length=1)
    ]
    tag: Annotated[str | None, Field("The tag; `*` keeps the one that is there.")] = None
    digest: Annotated[str | None, Field("The digest; `*` keeps the one that is there.")] = None
    new_name: Annotated[
        str, Field("Repository to use instead; `*` keeps the one that is there.")
    ] = ""
    name: Annotated[
        str, Field("The name of the entry in the kustomization, where it is not that of the image.")
    ] = ""


class KustomizeSetImageConfig(Struct, kw_only=True):
    """Which images to set where."""

    path: Annotated[str, Field("The folder of the kustomization.", min_length=1)]
    images: Annotated[
        list[KustomizeImage],
        Field("The images to set; all those of the Freight if there are none."),
    ] = []  # noqa: RUF012 - msgspec copies it


class KustomizeSetImageOutput(Struct):
    """What the step puts out."""

    commit_message: Annotated[str, Field("Says which images are set, for a commit.")] = ""


class KustomizeSetImage(BaseStep):
    """Sets images in a kustomization."""

    name: ClassVar[str] = "kustomize-set-image"
    config: ClassVar[type[Struct]] = KustomizeSetImageConfig
    output: ClassVar[type[Struct]] = KustomizeSetImageOutput
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: KustomizeSetImageConfig) -> Outcome:
        """Set them. The file is written only if it changes."""
        file = await _kustomization(context.directory, config.path)
        if config.images:
            wanted = _configured(config.images)
        else:
            wanted = _of_freight(context.freight)
            await _refuse_ambiguous(context, frozenset(each.name for each in wanted))
        before = await context.directory.read(file)
        done = await context.aside.run(
            functools.partial(set_images, source=file),
            before,
            wanted,
            weight=len(before) + sum(len(str(each)) for each in wanted),
            what=f"{file}: its edit",
            caller=context.project,
            seconds=_CPU_SECONDS,
        )
        references = [each.reference for each in done.images]
        told = messages.first(references, _MOST_TOLD) if references else "no image"
        if done.data == before:
            message = f"{file} is as it was: it sets {told}"
        else:
            await context.directory.write(file, done.data)
            message = f"{file} sets {told}"
        if not references:
            return Succeeded(message=message)
        plural = "s" if len(references) > 1 else ""
        lines = "".join(f"\n- {each}" for each in references)
        said = f"Updated {config.path} to use new image{plural}\n{lines}"
        return Succeeded(output={"commitMessage": said}, message=message)


async def _kustomization(directory: WorkDirectory, path: str) -> str:
    """Return the path of the one kustomization in a folder. Raises NotFound and BadRequest."""
    folder = path.rstrip("/") or "/"
    there = []
    for name in NAMES:
        entry = await directory.stat(f"{folder}/{name}")
        if entry is not None and entry.kind is EntryKind.FILE:
            there.append(name)
    if not there:
        raise NotFound(f"{path}: there is no {NAMES[0]}, {NAMES[1]} or {NAMES[2]} in this folder")
    if len(there) > 1:
        raise BadRequest(f"{path}: there are {' and '.join(there)}; keep one")
    return there[0] if folder == "." else f"{folder}/{there[0]}"


def _configured(images: Sequence[KustomizeImage]) -> list[ImageSetting]:
    return [
        ImageSetting(
            name=each.name or each.image,
            new_name=each.new_name,
            new_tag=each.tag or "",
            digest=each.digest or "",
        )
        for each in images
    ]


def _of_freight(freight: Sequence[Mapping[str, Any]]) -> list[ImageSetting]:
    """Return all images of the Freight. Raises BadRequest for a repository that two pieces of it are of."""
    found: dict[str, ImageSetting] = {}
    for reference in freight:
        own: dict[str, ImageSetting] = {}
        for image in reference.get("images") or ():
            url = image.get("repoURL", "")
            own[url] = ImageSetting(
                name=url, new_tag=image.get("tag") or "", digest=image.get("digest") or ""
            )
        twice = sorted(own.keys() & found.keys())
        if twice:
            raise BadRequest(
                f"manual configuration required due to ambiguous result: Freight of two Warehouses has images of {twice[0]}; "
                "name in images which to set"
            )
        found |= own
    return list(found.values())


async def _refuse_ambiguous(context: StepContext, repositories: frozenset[str]) -> None:
    """Raise BadRequest if two Warehouses that the Stage requests subscribe to one of these, whether or not both have Freight."""
    origins = (request.get("origin") or {} for request in context.requests)
    names = list(dict.fromkeys(str(origin.get("name") or "") for origin in origins))
    if len(names) < 2:
        return
    subscribers: dict[str, str] = {}
    for name in names:
        spec = (await context.warehouse(name) or {}).get("spec") or {}
        images = (item.get("image") or {} for item in spec.get("subscriptions") or ())
        for url in sorted(repositories & {image.get("repoURL") for image in images}):
            if url in subscribers:
                raise BadRequest(
                    f"manual configuration required due to ambiguous result: Warehouses {subscribers[url]} and {name} both "
                    f"subscribe to {url}; name in images which to set"
                )
            subscribers[url] = name
