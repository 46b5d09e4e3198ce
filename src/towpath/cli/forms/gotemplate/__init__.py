"""Go's text/template, as `kubectl -o go-template` has it: the whole language but for methods of Go's own types.

Actions, pipelines, variables, `if`, `with`, `range` with `else`, `break` and `continue`, `define`, `template`, `block`,
comments and trimming; the functions of Go, and kubectl's `exists` and `base64decode`. Source: pkg.go.dev/text/template.

Pure, and bounded: it takes so many steps, and prints so much, and no more.
"""

from towpath.cli.forms.gotemplate.evaluation import run
from towpath.cli.forms.gotemplate.parsing import parse

__all__ = ["parse", "run"]
