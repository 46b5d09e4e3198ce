r"""JSONPath in the dialect of Kubernetes, as `kubectl -o jsonpath` has it, and Argo Rollouts: `{$.data.ok}`.

A text outside of braces stands for itself, and what lies in braces is a path. A path is made of: `$` and `@`, `.name`
(`\.` is a dot in a name), `['name']`, `.*` and `[*]`, `[2]`, `[-1]`, `[1:3]`, `[::2]`, unions `[0,2]` and `['a','b']`,
`..` for whatever lies below, filters `[?(@.a == "x")]` with `== != < <= > >=` or a path alone that must be there, and texts,
numbers, `true`, `false`. `range` and `end` are none: what prints by
templates cuts them out (`towpath.cli.forms.jsonpath_template`). Source: kubernetes.io "JSONPath Support", and k8s.io/client-go/util/jsonpath for what that page leaves open.

Pure, and bounded: a path may look at so many values, and no more.
"""

from towpath.documents.jsonpath.evaluation import MOST_VALUES, first, found
from towpath.documents.jsonpath.parsing import LONGEST, parse

__all__ = ["LONGEST", "MOST_VALUES", "first", "found", "parse"]
