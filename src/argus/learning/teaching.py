"""Which runs teach."""

from __future__ import annotations

from typing import Final

from argus.learning.hashes import short_hash
from argus.model.trace import Trace

__all__ = ["SHARES", "is_lesson"]

SHARES: Final = ((128, 1), (512, 8))
"""As long as fewer runs have taught, one run in so many teaches."""

_LATER: Final = 32


def is_lesson(trace: Trace, known_runs: int = 0) -> bool:
    """Whether a run may teach: it is whole, it ended by itself, and nothing of severity warning or worse was found.

    What a profile says changes little after some hundred runs. Of those that come then a share teaches, chosen by the
    random part of their ids: one in eight from 128 lessons on, one in 32 from 512 on, so that what learning costs in
    the long run is small beside what storing costs.

    Args:
        trace: A finalized run.
        known_runs: Runs that taught before.
    """
    if trace.status != "ok" or trace.error is not None or "analysis_error" in trace.metadata:
        return False
    if trace.metadata.get("outcome", "completed") != "completed" or not trace.steps:
        return False
    if "replay_of" in trace.metadata:  # it was made by changing another run
        return False
    share = next((share for runs, share in SHARES if known_runs < runs), _LATER)
    return share == 1 or int(short_hash(trace.id), 16) % share == 0
