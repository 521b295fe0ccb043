"""The three lines that tell of a run with findings when nobody asked."""

from __future__ import annotations

from argus.model.trace import Trace

__all__ = ["notice"]


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
    return "".join(f"{_plain(line)}\n" for line in lines)


def _plain(line: str) -> str:
    """Trace text holds what users and models wrote: no control character may reach a terminal."""
    return "".join(char if char.isprintable() else "�" for char in line)
