"""A run as one HTML file: no network, no script, dark and light, made to be printed too.

The templates are ``report.html.j2`` and ``report.css``; their variables are described in :mod:`argus.reports.page`,
beside ``style`` (the style sheet) and ``style_hash`` (its hash for the content security policy).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from argus._version import __version__
from argus.model.trace import Trace
from argus.reports.base import ReportOptions
from argus.reports.page import page_of
from argus.reports.templating import environment, fill
from argus.views.json_text import trace_document

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["HtmlReport", "style_of"]


class HtmlReport:
    """One self-contained page."""

    suffix = ".html"

    def render(self, trace: Trace, options: ReportOptions) -> str:
        """The page.

        Args:
            trace: A finalized trace.
            options: A template of the user's, and a folder of them.

        Raises:
            ReportError: A template is missing or wrong.
        """
        found = environment(options, autoescape=True)
        return fill(
            found,
            options,
            "report.html.j2",
            {
                "page": page_of(trace),
                "trace": trace_document(trace),
                "version": __version__,
                **style_of(found, options, "report.css"),
            },
        )


def style_of(found: SandboxedEnvironment, options: ReportOptions, name: str) -> dict[str, str]:
    """The variables ``style`` and ``style_hash``.

    Args:
        found: Where templates are found.
        options: A folder of the user's, whose style sheet takes the place of the shipped one.
        name: The style sheet's name.

    Raises:
        ReportError: It is missing or wrong.
    """
    from markupsafe import Markup

    style = fill(found, ReportOptions(templates=options.templates), name, {})
    digest = hashlib.sha256(style.encode()).digest()
    return {
        "style": Markup(style),  # noqa: S704 - our own file or the user's, never recorded text
        "style_hash": f"sha256-{base64.b64encode(digest).decode()}",
    }
