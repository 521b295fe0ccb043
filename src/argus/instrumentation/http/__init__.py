"""HTTP libraries: requests of watched steps are recorded, and answered from a tape when a run is replayed.

::

    def serve(tape: Tape, *, live: bool = False) -> AbstractContextManager[Serving]
"""

from argus.instrumentation.http.hooks import hold_hooks
from argus.instrumentation.http.serving import Serving, Stopped, serve

__all__ = ["Serving", "Stopped", "hold_hooks", "serve"]
