"""Stands in for the time that a database or a model would take.

Pauses are long enough that twenty times as long stands out from the hiccups of a busy machine, and short enough for
thousands of runs.
"""

import time


def pause(seconds: float) -> None:
    time.sleep(seconds)
