"""What a report format is, and which ones there are.

A package adds a format through the entry-point group ``argus.reports``: the entry point's name is the format's, its
value a class without arguments that follows :class:`ReportFormat`.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, runtime_checkable

from argus.errors import PluginError, ReportError
from argus.model.record import Record
from argus.model.trace import Trace

__all__ = ["BUILTIN", "ENTRY_POINT_GROUP", "ReportFormat", "ReportOptions", "format_names", "report_format"]

ENTRY_POINT_GROUP = "argus.reports"
"""The entry-point group in which an installed package offers its formats."""

BUILTIN: dict[str, str] = {
    "html": "argus.reports.html:HtmlReport",
    "json": "argus.reports.json:JsonReport",
    "markdown": "argus.reports.markdown:MarkdownReport",
}
"""The built-in formats by name, named the way an entry point names one."""


class ReportOptions(Record, frozen=True, kw_only=True):
    """How a report is wanted.

    Attributes:
        template: A template file that replaces the shipped one; None for formats without templates or the usual one.
        templates: A folder whose templates replace the shipped ones of the same name.
    """

    template: Path | None = None
    templates: Path | None = None


@runtime_checkable
class ReportFormat(Protocol):
    """Turns a run into a document.

    Attributes:
        suffix: What its files end with, such as ``.html``.
    """

    suffix: str

    def render(self, trace: Trace, options: ReportOptions) -> str:
        """The document.

        Args:
            trace: A finalized trace.
            options: How it is wanted.

        Raises:
            ReportError: It cannot be made, or an option does not fit the format.
        """
        ...


def format_names() -> tuple[str, ...]:
    """The names of all formats, built-in ones first; nothing is imported."""
    added = sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP))
    return tuple(dict.fromkeys((*BUILTIN, *added)))


def report_format(name: str) -> ReportFormat:
    """The format of this name; a built-in one is never replaced.

    Args:
        name: Such as ``html``.

    Raises:
        ReportError: There is none; the message lists them all.
        PluginError: An installed package's format cannot be loaded.
    """
    if name in BUILTIN:
        module, _, attribute = BUILTIN[name].partition(":")
        made: ReportFormat = getattr(importlib.import_module(module), attribute)()
        return made
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == name:
            return _loaded(name, point.value, point.load)
    raise ReportError(f"there is no report format '{name}'; there are {', '.join(format_names())}")


def _loaded(name: str, value: str, load: object) -> ReportFormat:
    try:
        made = load()() if callable(load) else None
    except Exception as error:
        raise PluginError(f"the report format '{name}' ({value}) cannot be loaded: {error}") from error
    if not isinstance(made, ReportFormat):
        raise PluginError(f"the report format '{name}' ({value}) has no render() and suffix")
    return made
