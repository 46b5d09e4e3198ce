"""What is wrong with promotion windows as they are written: times that nobody can read must not keep promotions out unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import FieldError
from towpath.rules.label_selectors import selector_errors
from towpath.rules.promotion_windows.recurrence import TimesError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST: Final = 32
"""Windows of one configuration: each is asked at every look at a Stage that it is about."""


def errors(spec: Mapping[str, Any], *, is_clusterwide: bool) -> Iterator[FieldError]:
    """Yield what is wrong with the windows of a ProjectConfig or of the ClusterConfig, given by its `spec`."""
    below = [each.get("promotionWindows") or [] for each in spec.get("promotionPolicies") or []]
    count = len(spec.get("promotionWindows") or []) + sum(len(each) for each in below)
    if count > MOST:
        said = f"Too many: {count}: must have at most {MOST} windows, those below promotionPolicies included"
        yield FieldError("spec.promotionWindows", "FieldValueTooMany", said)
        return
    yield from _of(spec.get("promotionWindows") or [], "spec.promotionWindows", is_clusterwide)
    for number, policy in enumerate(spec.get("promotionPolicies") or []):
        path = f"spec.promotionPolicies[{number}]"
        yield from _of(policy.get("promotionWindows") or [], f"{path}.promotionWindows", False)
        if is_clusterwide:
            for field in ("projectSelector", "stageSelector"):
                yield from selector_errors(policy.get(field) or {}, f"{path}.{field}")


def _of(
    windows: list[Mapping[str, Any]], path: str, selects_projects: bool
) -> Iterator[FieldError]:
    for number, window in enumerate(windows):
        here = f"{path}[{number}]"
        for field in ("stageSelector", "projectSelector"):
            yield from selector_errors(window.get(field) or {}, f"{here}.{field}")
        if window.get("projectSelector") is not None and not selects_projects:
            said = (
                "Forbidden: the Projects are given already: by the ProjectConfig, or by the policy"
            )
            yield FieldError(f"{here}.projectSelector", "FieldValueForbidden", said)
        try:
            read(window.get("rrule") or "", window.get("dtstart") or "", window.get("dtend") or "")
        except TimesError as error:
            kind = "FieldValueInvalid" if error.value else "FieldValueRequired"
            said = (
                f'Invalid value: "{error.value}": {error.why}'
                if error.value
                else f"Required value: {error.why}"
            )
            yield FieldError(f"{here}.{error.field}", kind, said)
