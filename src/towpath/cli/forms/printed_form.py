"""The form in which objects are printed, as `-o` and its options say it: a word, or a template in one of kubectl's languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from towpath.disk import reading
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

GO: Final = "go-template"
JSONPATH: Final = "jsonpath"
JSONPATH_AS_JSON: Final = "jsonpath-as-json"
_LANGUAGES: Final = {
    "go-template": (GO, False),
    "go-template-file": (GO, True),
    "template": (GO, False),
    "templatefile": (GO, True),
    "jsonpath": (JSONPATH, False),
    "jsonpath-as-json": (JSONPATH_AS_JSON, False),
    "jsonpath-file": (JSONPATH, True),
}
"""Words of -o that take a template: its language, and whether it is in a file."""
_LARGEST: Final = 64 << 10
_TEXTS: Final = ("text", "table", "wide", "name")


class PrintedForm(str):
    """A word such as `yaml` or `jsonpath`, and the template that goes with it."""

    __slots__ = ("allow_missing", "managed_fields", "template")

    template: str
    allow_missing: bool
    """Whether a key that is not there prints nothing, or is an error."""
    managed_fields: bool
    """Whether `metadata.managedFields` is printed, too."""

    @classmethod
    def of(
        cls,
        word: str,
        template: str = "",
        *,
        allow_missing: bool = True,
        managed_fields: bool = False,
    ) -> PrintedForm:
        """Return a form."""
        found = cls(word)
        found.template = template
        found.allow_missing = allow_missing
        found.managed_fields = managed_fields
        return found


def is_document(form: str) -> bool:
    """Whether a form prints the objects themselves, and not lines about them."""
    return form not in _TEXTS


def metavar(words: Sequence[str]) -> str:
    """Return what help shows of -o."""
    return f"[{'|'.join(words)}|jsonpath=…|go-template=…]"


def beginning(words: Sequence[str], begun: str) -> list[Any]:
    """Return what -o may be, of that which begins as the word that is typed."""
    from click.shell_completion import CompletionItem

    there = (*words, *(f"{each}=" for each in _LANGUAGES))
    return [CompletionItem(each) for each in there if each.startswith(begun)]


def made(
    words: Sequence[str],
    value: str,
    template: str | None,
    *,
    allow_missing: bool,
    managed_fields: bool,
) -> PrintedForm:
    """Return the form that options say; `words` are those that stand by themselves.

    Raises BadRequest for another word, and for a template that is missing, too much or cannot be read.
    """
    word, equals, given = value.partition("=")
    language, is_file = _LANGUAGES.get(word, ("", False))
    if not language:
        if word not in words or equals:
            raise BadRequest(f"-o {value}: there are {', '.join((*words, *_LANGUAGES))}")
        if template is not None:
            raise BadRequest(f"--template goes with -o go-template or jsonpath, not with -o {word}")
        return PrintedForm.of(word, allow_missing=allow_missing, managed_fields=managed_fields)
    if equals and template is not None:
        raise BadRequest(f"-o {word}=… and --template both give a template; give one of them")
    text = given if equals else template
    if not text:
        raise BadRequest(
            f"-o {word}: its template is missing: write -o '{word}=…', or give it with --template"
        )
    if is_file:
        try:
            text = reading.read(Path(text), _LARGEST).decode()
        except OSError as error:
            raise BadRequest(f"-o {word}={text}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise BadRequest(f"-o {word}={text}: it is not text in UTF-8") from None
    _parsed(language, text)  # what cannot be read is told before anything is done
    return PrintedForm.of(
        language, text, allow_missing=allow_missing, managed_fields=managed_fields
    )


def rendered(form: str, value: Any) -> str:
    """Return what the template of a form makes of a value. Raises BadRequest where it does not fit the value."""
    if not isinstance(form, PrintedForm):
        raise BadRequest(f"-o {form}: it cannot be printed so here")
    parsed = _parsed(str(form), form.template)
    if form == GO:
        from towpath.cli.forms import gotemplate

        return gotemplate.run(parsed, value, allow_missing=form.allow_missing)
    from towpath.cli.forms import jsonpath_template

    run = jsonpath_template.as_json if form == JSONPATH_AS_JSON else jsonpath_template.text
    return run(parsed, value, allow_missing=form.allow_missing)


def _parsed(language: str, text: str) -> Any:
    if language == GO:
        from towpath.cli.forms import gotemplate

        return gotemplate.parse(text)
    from towpath.cli.forms import jsonpath_template

    return jsonpath_template.parse(text)
