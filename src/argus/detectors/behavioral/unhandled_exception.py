"""An exception that ended the run."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.escapes import Escape, escapes, fields_missed, where_it_failed
from argus.detectors.run_index import RunIndex
from argus.model.detection import Detection
from argus.model.trace import Trace

__all__ = ["UnhandledException"]


class UnhandledException(BaseDetector):
    """A node raised an exception and nothing handled it, so the run ended without a result.

    Finds:
        The step that raised the exception the caller saw; in a subgraph the innermost one.

    Why it matters:
        The caller got nothing. The step that raises is often not the step that is to blame, so the finding is also
        where the search for the cause starts.

    How it decides:
        The exception that left the graph is compared with those of the steps. Attempts that were retried, exceptions
        that an error handler took, interrupts and cancelled siblings are none. Always critical, confidence 1.

    When it is wrong:
        When raising is how the pipeline is meant to answer. Silence it with an ``ignore`` entry for ``BEH301`` and the
        node.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        ``docs/detectors``: how exceptions are told apart from interrupts and parent commands.
    """

    code = "BEH301"
    name = "unhandled_exception"
    layer = "behavioral"
    fault = "end of the run"  # a KeyError about a field and the field's absence are one fault

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds exceptions that left the graph.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        return [self._finding(escape, index) for escape in escapes(index)]

    def _finding(self, escape: Escape, index: RunIndex) -> Detection:
        error, step = escape.error, escape.step
        step_id = where_it_failed(escape, index)
        missed = fields_missed(error, step, index)
        who = f"`{step.node_name}` raised" if step else "the run ended with"
        text = " ".join(error.message.split())
        said = f"{error.type}: {text[:200]}{'…' if len(text) > 200 else ''}" if text else error.type
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="critical",
            message=f"{who} {said}",
            step_id=step_id,
            field=missed[0] if missed else None,
            details={
                "exception": error.type,
                "message": error.message,
                "node": step.node_name if step else None,
                "attempts": step.attempt if step else None,
                "file": error.file,
                "line": error.line,
            },
        )
