"""What is told on stderr when nobody asked: three lines for a run with findings, one when runs cannot be kept."""

from __future__ import annotations

import sys

from argus.model.trace import Trace
from argus.views.neutral import neutral

__all__ = ["notice", "tell"]


def notice(trace: Trace) -> str:
    """What, where, and what to type next; empty for a clean run.

    Args:
        trace: Finalized.
    """
    if trace.is_clean:
        return ""
    worst = next((finding for finding in trace.detections if finding.suppressed is None), None)
    step = trace.step(worst.step_id) if worst else None
    where = f"at step {step.step_number} {step.node_name}" if step else "no step is known"
    lines = (f"argus: {trace.pipeline_name}: {trace.summary}", f"  {where}", f"  argus trace {trace.id}")
    return "".join(f"{neutral(line)}\n" for line in lines)


def tell(text: str) -> None:
    """Writes to stderr, whatever became of it: closed, absent in a daemon, or of an encoding that lacks a character.

    Args:
        text: Whole lines.
    """
    stream = sys.stderr
    if not text or stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError, LookupError):
        return
