"""What deliveries to a generic receiver do: its actions, as expressions of the request say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import ExpressionError
from towpath.resources.configuration import WebhookAction
from towpath.resources.meta import LabelSelector
from towpath.resources.structs import to_document, view
from towpath.resources.subscribed import URLS, urls
from towpath.rules import named_selectors
from towpath.rules.webhooks import requested
from towpath.runtime.loop_share import LoopShare
from towpath.store.contract import FieldTerm
from towpath.webhooks.woken import Woken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.expressions import Need
    from towpath.resources.configuration import TargetSelectionCriteria
    from towpath.resources.kinds import Ref
    from towpath.runtime.evaluation import Evaluations
    from towpath.webhooks.receivers import ListeningReceiver
    from towpath.webhooks.wakers import Wakers
    from towpath.webhooks.warehouse_view import WarehouseView

_EQUALS: Final = "Equals"
_SUBSCRIBED: Final = "subscribedURLs"
_WAREHOUSE: Final = "Warehouse"
_MOST_TOLD: Final = 100
"""Targets that the answer names, of each action."""
_BAD: Final = ("Error", "Failure", "PartialSuccess")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericRequest:
    """What came."""

    body: Any
    headers: Sequence[tuple[str, str]]
    query: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Results:
    """What the actions came to."""

    items: list[dict[str, Any]]
    outcome: Woken

    @property
    def status(self) -> int:
        """Of the answer."""
        return 500 if any(each["result"] in _BAD for each in self.items) else 200


class GenericActions:
    """Carries out the actions of generic receivers."""

    def __init__(self, wakers: Wakers, evaluations: Evaluations) -> None:
        self._wakers = wakers
        self._evaluations = evaluations
        self._share = LoopShare()

    async def run(
        self,
        receiver: ListeningReceiver,
        request: GenericRequest,
        delivery: str,
        *,
        now: datetime,
        dry_run: bool = False,
    ) -> Results:
        """Do what the receiver's actions say; what is wrong with one keeps no other from being done."""
        results = Results([], Woken())
        given = receiver.settings.get("actions")
        for item in given if isinstance(given, list) else ():
            action = view(WebhookAction, item if isinstance(item, dict) else {})
            scope = _Scope(self._evaluations, receiver, request, action.parameters, now)
            done = Woken()
            told: dict[str, Any] = {**to_document(action), "matchedWhenExpression": False}
            try:
                told["matchedWhenExpression"] = await scope.holds(action.when_expression)
                if told["matchedWhenExpression"]:
                    targets = action.target_selection_criteria
                    await self._look(receiver, targets, scope, delivery, done, dry_run=dry_run)
            except ExpressionError as error:
                told |= {"result": "Error", "summary": error.message}
            else:
                told |= _summary(told["matchedWhenExpression"], done)
            told["selectedTargets"] = _targets(done)
            results.items.append(told)
            results.outcome.woken += done.woken
            results.outcome.passed += done.passed
            results.outcome.failed += done.failed
        return results

    async def _look(
        self,
        receiver: ListeningReceiver,
        targets: Iterable[TargetSelectionCriteria],
        scope: _Scope,
        delivery: str,
        outcome: Woken,
        *,
        dry_run: bool,
    ) -> None:
        """Have the Warehouses look that are meant. Raises ExpressionError, once those look that are meant before it.

        Warehouses are gone through once for all targets that the store selects by the same: there may be many of both.
        """
        together: dict[tuple[FieldTerm, ...], list[_Meant]] = {}
        failure = None
        try:
            for target in targets:
                if target.kind == _WAREHOUSE:
                    meant = await _Meant.of(target, scope)
                    together.setdefault(meant.fields, []).append(meant)
        except ExpressionError as error:
            failure = error
        known: set[Ref] = set()
        for fields, those in together.items():
            async for batch in self._wakers.warehouses(receiver.project, fields=fields):
                wanted = []
                for ref, warehouse in batch:
                    with self._share.working():
                        if ref not in known and any(each.selects(warehouse) for each in those):
                            known.add(ref)
                            wanted.append((ref, warehouse))
                    await self._share.give()
                await self._wakers.look(wanted, delivery, outcome, dry_run=dry_run)
        if failure is not None:
            raise failure


@dataclass(frozen=True, slots=True)
class _Scope:
    """Evaluates what one action says."""

    evaluations: Evaluations
    receiver: ListeningReceiver
    request: GenericRequest
    parameters: Mapping[str, str]
    now: datetime

    async def holds(self, expression: str) -> bool:
        """Whether an action is to be done. Raises ExpressionError."""
        if not expression:
            return True
        program = await self.evaluations.program(
            expression, requested.TYPES, caller=self.receiver.whose
        )
        found = await self._evaluated(program)
        if not isinstance(found, bool):
            raise ExpressionError("whenExpression: it must come to true or false")
        return found

    async def text(self, template: str) -> str:
        """Return the text that a template comes to. Raises ExpressionError."""
        if not template:
            return ""
        read = await self.evaluations.template(
            template, requested.TYPES, caller=self.receiver.whose
        )
        found = await self._evaluated(read)
        if not isinstance(found, str):
            raise ExpressionError(f"{template[:100]}: it must come to a text")
        return found

    async def _evaluated(self, program: Any) -> Any:
        env = requested.environment(
            self.request.body, self.request.headers, self.request.query, self.parameters
        )
        return await self.evaluations.evaluate(
            program,
            env,
            requested.functions(),
            load=_nothing,
            now=self.now,
            caller=self.receiver.whose,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """Which Warehouses are meant: all that is given must hold."""

    name: str
    labels: LabelSelector | None
    equal: tuple[str, ...]
    """Addresses that it must subscribe to, in one form."""
    unequal: tuple[str, ...]
    """Addresses that it must not."""
    never: bool
    """Whether something is asked for that no Warehouse has."""

    @classmethod
    async def of(cls, target: TargetSelectionCriteria, scope: _Scope) -> _Meant:
        """Return what criteria come to. Raises ExpressionError."""
        found: dict[bool, list[str]] = {True: [], False: []}
        never = False
        terms = target.index_selector.match_indices if target.index_selector else []
        for term in terms:
            value = await scope.text(term.value)
            if term.key == _SUBSCRIBED:
                found[term.operator == _EQUALS].append(value)
            else:  # paths of receivers are known of configurations, never of Warehouses
                never = never or term.operator == _EQUALS
        labels = None
        if target.label_selector is not None:
            labels = view(LabelSelector, to_document(target.label_selector))  # it is filled in
            labels.match_labels = {
                key: await scope.text(value) for key, value in labels.match_labels.items()
            }
            for each in labels.match_expressions:
                each.values = [await scope.text(value) for value in each.values]
        return cls(
            name=await scope.text(target.name),
            labels=labels,
            equal=tuple(found[True]),
            unequal=tuple(found[False]),
            never=never,
        )

    @property
    def fields(self) -> tuple[FieldTerm, ...]:
        """What the store selects by."""
        terms = [FieldTerm("metadata.name", self.name)] if self.name else []
        terms += [FieldTerm(URLS, value) for value in self.equal]
        return tuple(terms)

    def selects(self, warehouse: WarehouseView) -> bool:
        """Whether a Warehouse is meant, as far as the store has not told."""
        if self.never:
            return False
        if self.labels is not None and not named_selectors.selects_labels(
            self.labels, warehouse.labels
        ):
            return False
        if not self.unequal:
            return True
        watched = set(urls({"spec": {"subscriptions": warehouse.subscriptions}}))
        return not watched.intersection(self.unequal)


def _summary(is_matched: bool, done: Woken) -> dict[str, str]:
    if not is_matched:
        return {"result": "NotApplicable", "summary": "the request does not meet whenExpression"}
    if not done.failed:
        return {"result": "Success", "summary": f"refreshed {len(done.woken)} warehouse(s)"}
    result = "PartialSuccess" if done.woken else "Failure"
    said = f"refreshed {len(done.woken)} warehouse(s), {len(done.failed)} could not be refreshed"
    return {"result": result, "summary": said}


def _targets(done: Woken) -> list[dict[str, Any]]:
    told = [(ref, True) for ref in done.woken] + [(ref, False) for ref, _ in done.failed]
    return [
        {"namespace": ref.namespace, "name": ref.name, "success": success}
        for ref, success in told[:_MOST_TOLD]
    ]


async def _nothing(_: Need) -> Any:
    return None
