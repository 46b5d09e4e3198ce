"""What the AnalysisRun of a verification measures: templates, arguments and smoke tests, put together.

A value that was made of a Secret does not stand in the run: it lies in a Secret of the run's own, which is removed once the
run has ended.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.expressions import ExpressionError
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.needs import Loader
from towpath.promotion.step_scope import Facts, StepScope
from towpath.resources import scheme
from towpath.resources.analysis_run import AnalysisRunSpec
from towpath.resources.analysis_template import (
    AnalysisTemplate,
    AnalysisTemplateSpec,
    Argument,
    SecretKeyReference,
    ValueFrom,
)
from towpath.resources.annotations import SMOKE, VERIFICATION
from towpath.resources.kinds import Ref
from towpath.resources.shortening import shortened
from towpath.resources.structs import to_document
from towpath.rules.analysis import merging
from towpath.rules.analysis.merging import TemplateKey
from towpath.rules.verifying import smoke

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.released.reporting import ReleaseReporter
    from towpath.resources.promotion import FreightCollection
    from towpath.resources.stage import Stage
    from towpath.store.contract import Document, Store

_ARGUMENTS: Final = "spec.verification.args"
_LONGEST_NAME: Final = 253
_ENDING: Final = "-args"


class Unmeasurable(Exception):  # noqa: N818 - what is wrong with a verification, in words for its entry
    """There can be no run as the Stage and its templates are now; the text says why, without secret values."""


@dataclass(slots=True)
class MadeSpec:
    """What a run measures."""

    spec: AnalysisRunSpec
    confided: dict[str, str] = field(default_factory=dict)
    """Values that were made of Secrets, by the key under which the run's own Secret has them."""


def secret_name(run: str) -> str:
    """Return the name of the Secret that keeps what a run must be told in confidence."""
    return shortened(run, _LONGEST_NAME - len(_ENDING)).rstrip(".-") + _ENDING


class RunSpecs:
    """Makes what runs measure."""

    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        clock: Clock,
        *,
        actor: str,
        releases: ReleaseReporter | None = None,
    ) -> None:
        """`releases`: who tells what was released; None: nobody looks."""
        self._releases = releases
        self._store = store
        self._credentials = credentials
        self._clock = clock
        self._actor = actor

    async def made(self, stage: Stage, held: FreightCollection, run: str) -> MadeSpec:
        """Return what a run measures for a collection. `run`: its name. Raises Unmeasurable."""
        disclosed = Disclosed()
        try:
            return await self._made(stage, held, run, disclosed)
        except ExpressionError as error:
            raise Unmeasurable(disclosed.said(error.message)) from None
        except (errors.Invalid, errors.BadRequest) as error:
            raise Unmeasurable(disclosed.said(error.message)) from None

    async def _made(
        self, stage: Stage, held: FreightCollection, run: str, disclosed: Disclosed
    ) -> MadeSpec:
        scope = self._scope(stage, held, disclosed)
        wanted = stage.spec.verification
        roots = [
            TemplateKey(each.kind == scheme.CLUSTER_ANALYSIS_TEMPLATE.name, each.name)
            for each in (wanted.analysis_templates if wanted else ())
        ]
        given = await self._arguments(scope, stage)
        tests = await self._tests(scope, stage)
        spec = AnalysisRunSpec(metrics=[])
        if roots:
            known = await self._templates(stage.metadata.namespace, roots)
            spec = merging.merged(roots, known, given)
        elif given and wanted is not None:
            raise Unmeasurable(f"{_ARGUMENTS}: there is no template that they could be for")
        made = MadeSpec(spec)
        _confide_arguments(made, given, disclosed, secret_name(run))
        confiding = _Confiding(made, disclosed, secret_name(run))
        for metric in smoke.metrics(tests):
            if any(each.name == metric.name for each in spec.metrics):
                raise Unmeasurable(
                    f"{smoke.PATH}: a template has a metric named {metric.name!r} as well; give the smoke test a name"
                )
            metric.provider.plugin = confiding.without(metric.provider.plugin)
            spec.metrics.append(metric)
        if not spec.metrics:
            raise Unmeasurable("the templates have no metrics, so there is nothing to measure")
        return made

    def _scope(self, stage: Stage, held: FreightCollection, disclosed: Disclosed) -> StepScope:
        metadata, last = stage.metadata, stage.status.last_promotion if stage.status else None
        whom = f"the verification of Stage {metadata.name}"
        target = last.freight if last is not None else None
        return StepScope(
            facts=Facts(
                project=metadata.namespace,
                stage=metadata.name,
                promotion=last.name if last is not None else "",
                actor=self._actor,
                is_rollback=False,
                freight_name=target.name if target is not None else "",
                freight_alias="",
                origin_name=target.origin.name if target is not None and target.origin else "",
                variables=to_document(stage.spec.vars),
                requests=to_document(stage.spec.requested_freight),
                references=[to_document(each) for each in held.items.values()],
            ),
            alias="",
            outputs={},
            steps=[],
            load=Loader(
                self._store,
                self._credentials,
                disclosed,
                actor=self._actor,
                whom=whom,
                releases=self._releases,
            ),
            now=self._clock.now(),
            disclosed=disclosed,
        )

    async def _arguments(self, scope: StepScope, stage: Stage) -> dict[str, str]:
        wanted = stage.spec.verification.args if stage.spec.verification else []
        written: dict[str, str] = {}
        for each in wanted:
            if each.name in written:
                raise Unmeasurable(f"{_ARGUMENTS}: {each.name!r} is given twice")
            written[each.name] = each.value
        found: Mapping[str, Any] = await scope.arguments(written, _ARGUMENTS) if written else {}
        given = {}
        for name, value in found.items():
            if value is None:
                continue
            if not isinstance(value, str):
                said = {bool: "true or false", int: "a number", float: "a number"}
                is_so = said.get(type(value), "an object or a list")
                raise Unmeasurable(
                    f"{_ARGUMENTS}.{name}: its value is {is_so} and must be a text: write it as ${{{{ quote(…) }}}}"
                )
            if value:
                given[name] = value
        return given

    async def _tests(self, scope: StepScope, stage: Stage) -> list[dict[str, Any]]:
        text = stage.metadata.annotations.get(SMOKE, "")
        if not text.strip():
            return []
        found: list[dict[str, Any]] = await scope.arguments(smoke.written(text), smoke.PATH)
        return found

    async def _templates(
        self, project: str, roots: list[TemplateKey]
    ) -> dict[TemplateKey, AnalysisTemplateSpec | None]:
        known: dict[TemplateKey, AnalysisTemplateSpec | None] = {}
        while wanted := merging.wanted(roots, known):
            for key in wanted:
                known[key] = await self._template(project, key)
        return known

    async def _template(self, project: str, key: TemplateKey) -> AnalysisTemplateSpec | None:
        ref = (
            Ref(scheme.CLUSTER_ANALYSIS_TEMPLATE, "", key.name)
            if key.is_cluster_scoped
            else Ref(scheme.ANALYSIS_TEMPLATE, project, key.name)
        )
        try:
            return (await self._store.get(ref)).view(AnalysisTemplate).spec
        except errors.NotFound:
            return None


def secret_document(run: Document, confided: Mapping[str, str]) -> Document:
    """Return the Secret of a run, which is gone with the Freight if nobody removes it before."""
    metadata = run["metadata"]
    return {
        "apiVersion": scheme.SECRET.api_version,
        "kind": scheme.SECRET.name,
        "metadata": {
            "name": secret_name(metadata["name"]),
            "namespace": metadata["namespace"],
            "labels": dict(metadata["labels"]),
            "annotations": {VERIFICATION: metadata["annotations"][VERIFICATION]},
            "ownerReferences": list(metadata.get("ownerReferences") or ()),
        },
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in confided.items()},
    }


def _confide_arguments(
    made: MadeSpec, given: Mapping[str, str], disclosed: Disclosed, secret: str
) -> None:
    """Have arguments whose values hold a secret come from the run's own Secret."""
    for argument in made.spec.args:
        value = argument.value
        if value is None or argument.name not in given or not disclosed.holds(value):
            continue
        key = f"arg-{len(made.confided)}"
        made.confided[key] = value
        argument.value = None
        argument.value_from = ValueFrom(secret_key_ref=SecretKeyReference(name=secret, key=key))


class _Confiding:
    """Puts arguments in the place of the texts of smoke tests that hold a secret."""

    def __init__(self, made: MadeSpec, disclosed: Disclosed, secret: str) -> None:
        self._made = made
        self._disclosed = disclosed
        self._secret = secret

    def without(self, value: Any) -> Any:
        """Return a configuration without secret values."""
        match value:
            case str() if self._disclosed.holds(value):
                return self._argument(value)
            case list():
                return [self.without(item) for item in value]
            case dict():
                return {key: self.without(item) for key, item in value.items()}
            case _:
                return value

    def _argument(self, value: str) -> str:
        number = len(self._made.confided)
        name = f"smoke-confided-{number}"
        key = f"arg-{number}"
        self._made.confided[key] = value
        reference = SecretKeyReference(name=self._secret, key=key)
        self._made.spec.args.append(
            Argument(name=name, value_from=ValueFrom(secret_key_ref=reference))
        )
        return f"{{{{args.{name}}}}}"
