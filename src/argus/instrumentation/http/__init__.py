"""HTTP libraries: requests of watched steps are recorded, and answered from a tape when a run is replayed.

::

    def serve(tape: Tape, *, live: bool = False) -> AbstractContextManager[Serving]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from argus.instrumentation.http.hooks import hold_hooks
from argus.instrumentation.http.serving import Serving, Stopped, serving_from
from argus.recording.tape.tape import Tape

__all__ = ["Serving", "Stopped", "hold_hooks", "serve"]


@contextmanager
def serve(tape: Tape, *, live: bool = False) -> Iterator[Serving]:
    """Answers the HTTP requests of this process from a tape while the block runs.

    A request without a recorded answer stops the code that made it: a :class:`Stopped` runs through it, past every
    ``except Exception`` on its way, and leaves the block as a ``TapeMiss``.

    Args:
        tape: The recorded answers.
        live: Whether requests without a recorded answer go to the network instead.

    Raises:
        TapeMiss: At the end of the block, when a request had no answer, even if the code inside went on without it.
    """
    release = hold_hooks()
    try:
        with serving_from(tape, live=live) as serving:
            yield serving
    finally:
        release()
