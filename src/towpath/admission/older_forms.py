"""Older forms of manifests: which still work, and which are gone and what took their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.errors import FieldError, Invalid
from towpath.resources import scheme
from towpath.rules.older_forms import older_forms

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document


def warnings(kind: Kind, document: Document) -> list[str]:
    """Return a warning for every older form in a document that still works."""
    return [
        f"{form.path}: older form; use {form.instead}" for form in older_forms(kind.name, document)
    ]


def refuse_removed(kind: Kind, document: Document) -> None:
    """Raise Invalid for forms that were removed long ago: each names what took its place."""
    spec = document.get("spec")
    if kind is not scheme.STAGE or not isinstance(spec, dict):
        return
    found = []
    if "promotionMechanisms" in spec:
        found.append(_gone("spec.promotionMechanisms", "spec.promotionTemplate.spec.steps"))
    if "subscriptions" in spec:
        found.append(_gone("spec.subscriptions", "spec.requestedFreight"))
    template = spec.get("promotionTemplate")
    inner = template.get("spec") if isinstance(template, dict) else None
    steps = inner.get("steps") if isinstance(inner, dict) else None
    for number, step in enumerate(steps if isinstance(steps, list) else []):
        config = step.get("config") if isinstance(step, dict) else None
        path = f"spec.promotionTemplate.spec.steps[{number}].config"
        found += [
            _gone(where, "an expression such as ${{ outputs['step'].field }}")
            for where in _from_step(config, path)
        ]
    if found:
        metadata = document.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else ""
        raise Invalid.of(kind.qualified, str(name or ""), found)


def _from_step(value: Any, path: str) -> list[str]:
    if isinstance(value, dict):
        return [
            where
            for key, item in value.items()
            for where in (
                [f"{path}.{key}"]
                if str(key).endswith("FromStep")
                else _from_step(item, f"{path}.{key}")
            )
        ]
    if isinstance(value, list):
        return [
            w for number, item in enumerate(value) for w in _from_step(item, f"{path}[{number}]")
        ]
    return []


def _gone(path: str, instead: str) -> FieldError:
    return FieldError(
        path, "FieldValueForbidden", f"Forbidden: this form was removed; use {instead}"
    )
