"""Stands in for the time that a database or a model would take."""

import time


def pause(seconds: float) -> None:
    time.sleep(seconds)
