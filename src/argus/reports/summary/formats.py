"""Many runs as HTML, Markdown and JSON: the built-in formats, and what a format of a package has to offer.

A format makes reports of many runs when it has ``render_summary``; the built-in ones do so here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from argus._version import __version__
from argus.errors import ReportError
from argus.model.codec import to_builtins
from argus.model.figures import Figures
from argus.model.record import Record
from argus.reports.base import ReportOptions, report_format
from argus.reports.summary.document import summary_document
from argus.reports.summary.page import summary_page
from argus.reports.templating import environment, fill
from argus.views.trace_list import ListRow

__all__ = ["Summary", "SummaryFormat", "render_summary"]


class Summary(Record, frozen=True, kw_only=True):
    """What a report of many runs is made of.

    Attributes:
        scope: Which runs are meant, in words.
        figures: What they come to.
        newest: The newest runs that are not OK.
    """

    scope: str
    figures: Figures
    newest: Sequence[ListRow] = ()


@runtime_checkable
class SummaryFormat(Protocol):
    """A report format that can tell of many runs."""

    def render_summary(self, summary: Summary, options: ReportOptions) -> str:
        """The document.

        Args:
            summary: What is known of the runs.
            options: How the report is wanted.

        Raises:
            ReportError: It cannot be made, or an option does not fit the format.
        """
        ...


def render_summary(name: str, summary: Summary, options: ReportOptions) -> str:
    """A report of many runs.

    Args:
        name: The format's name, such as ``html``.
        summary: What is known of the runs.
        options: A template of the user's, and a folder of them.

    Raises:
        ReportError: There is no such format, it tells of single runs only, or a template is missing or wrong.
        PluginError: An installed package's format cannot be loaded.
    """
    render = {"html": _html, "markdown": _markdown, "json": _json}.get(name)
    if render is not None:
        return render(summary, options)
    added = report_format(name)
    if not isinstance(added, SummaryFormat):
        raise ReportError(f"the report format '{name}' tells of single runs only; give an id, or choose html")
    return added.render_summary(summary, options)


def _html(summary: Summary, options: ReportOptions) -> str:
    from argus.reports.html import style_of

    found = environment(options, autoescape=True)
    return fill(found, options, "summary.html.j2", {**_variables(summary), **style_of(found, options, "summary.css")})


def _markdown(summary: Summary, options: ReportOptions) -> str:
    from argus.reports.markdown import markdown_environment

    return fill(markdown_environment(options), options, "summary.md.j2", _variables(summary))


def _json(summary: Summary, options: ReportOptions) -> str:
    from argus.views.json_text import json_text

    if options.template is not None:
        raise ReportError("JSON reports have no template; leave out --template, or choose html or markdown")
    return json_text(summary_document(summary.scope, summary.figures, tuple(summary.newest)))


def _variables(summary: Summary) -> dict[str, object]:
    return {
        "page": summary_page(summary.figures, summary.scope, summary.newest),
        "figures": to_builtins(summary.figures),
        "version": __version__,
    }
