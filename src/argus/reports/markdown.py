"""A run as Markdown, for pull requests and tickets.

The template is ``report.md.j2``; its variables are described in :mod:`argus.reports.page`. Every value a template
writes is escaped, so that recorded text can neither format nor link nor embed anything; ``value|code`` writes it as
code instead (``value|cell`` inside a table), ``phrase|sentence`` a sentence with its names as code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from argus._version import __version__
from argus.model.trace import Trace
from argus.reports.base import ReportOptions
from argus.reports.page import page_of
from argus.reports.phrases import Phrase
from argus.reports.templating import environment, fill
from argus.views.json_text import trace_document
from argus.views.neutral import neutral

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["MarkdownReport", "as_cell", "as_code", "escape", "markdown_environment"]

_SPECIAL = re.compile(r"[\\`*_{}\[\]()#|~!$]")
_LINE_START = re.compile(r"\A(\s*)([-+]|\d+[.)])(?=\s|\Z)")
_TICKS = re.compile("`+")


class _Ready(str):
    """Markdown that is written out as it is."""

    __slots__ = ()


class MarkdownReport:
    """One Markdown document."""

    suffix = ".md"

    def render(self, trace: Trace, options: ReportOptions) -> str:
        """The document.

        Args:
            trace: A finalized trace.
            options: A template of the user's, and a folder of them.

        Raises:
            ReportError: A template is missing or wrong.
        """
        variables = {"page": page_of(trace), "trace": trace_document(trace), "version": __version__}
        return fill(markdown_environment(options), options, "report.md.j2", variables)


def markdown_environment(options: ReportOptions) -> SandboxedEnvironment:
    """Where Markdown templates are found and how their values are written.

    Args:
        options: Where the user's are.
    """
    found = environment(options, autoescape=False, finalize=_written)
    found.filters["code"] = as_code
    found.filters["cell"] = as_cell
    found.filters["sentence"] = _sentence
    return found


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line.

    Args:
        text: Anything.
    """
    text = neutral(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", text))
    return text.replace("://", r":\//").replace("www.", r"www\.").replace("@", "&#64;")


def as_code(value: Any) -> str:
    """A value as a code span.

    Args:
        value: Anything.
    """
    text = neutral(str(value)) or " "
    fence = "`" * (max((len(ticks) for ticks in _TICKS.findall(text)), default=0) + 1)
    space = " " if text.strip(" ") and (text[0] in "` " or text[-1] in "` ") else ""  # nothing but spaces stays whole
    return _Ready(f"{fence}{space}{text}{space}{fence}")


def as_cell(value: Any) -> str:
    """A value as a code span inside a table, where a bar would end the cell.

    Args:
        value: Anything.
    """
    return _Ready(as_code(value).replace("|", r"\|"))


def _sentence(pieces: Phrase) -> str:
    return _Ready("".join(escape(piece.text) if piece.kind == "plain" else as_code(piece.text) for piece in pieces))


def _written(value: Any) -> Any:
    from jinja2 import Undefined

    if isinstance(value, _Ready | Undefined):
        return value
    return "" if value is None else escape(str(value))
