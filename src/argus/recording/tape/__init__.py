"""HTTP exchanges of a run: recorded with its steps, and given out again.

``RunTape`` records, ``Tape`` gives out. What reaches the network and what does not is decided in
:mod:`argus.instrumentation.http`::

    from argus.instrumentation.http import serve
    from argus.recording.tape import Hider, Tape

    tape = Tape.of(trace, Hider(Redactor(settings.security)), steps=ids_of_what_runs_again)
    with serve(tape, live=False) as served:      # raises TapeMiss at its end, whatever the code inside did about it
        app.invoke(...)
    served.answered, served.misses, served.passed    # exchanges given out, TapeMiss each, requests that went live
"""

from argus.recording.tape.hiding import Hider
from argus.recording.tape.run_tape import RunTape
from argus.recording.tape.tape import Tape

__all__ = ["Hider", "RunTape", "Tape"]
