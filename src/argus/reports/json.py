"""A run as JSON: the trace document."""

from __future__ import annotations

from argus.errors import ReportError
from argus.model.trace import Trace
from argus.reports.base import ReportOptions
from argus.views.json_text import json_text, trace_document

__all__ = ["JsonReport"]


class JsonReport:
    """The whole trace, as its published JSON Schema describes it."""

    suffix = ".json"

    def render(self, trace: Trace, options: ReportOptions) -> str:
        """The trace document, indented.

        Args:
            trace: A finalized trace.
            options: A template is an error.

        Raises:
            ReportError: A template was given.
        """
        if options.template is not None:
            raise ReportError("JSON reports have no template; leave out --template, or choose html or markdown")
        return json_text(trace_document(trace))
