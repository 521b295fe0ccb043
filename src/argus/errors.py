"""Every exception that ARGUS raises, under one root.

::

    ArgusError
    ├ ConfigError             a setting, file or environment variable is wrong
    ├ DetectionError          strict mode: the trace is not clean (carries the trace)
    ├ WatcherStateError       a watcher was used out of its lifecycle
    ├ InstrumentationError    a graph cannot be watched
    │ └ UnsupportedVersion    the installed library is older than what is supported
    ├ NotAvailable            a documented option whose part is not built or not installed
    ├ DetectorError           a detector could not be loaded
    ├ PluginError             an entry point could not be loaded
    ├ ReportError             a report or template could not be made
    ├ InterchangeError        a run from elsewhere cannot be taken in
    ├ StorageError
    │ ├ StoreUnavailable      the store cannot be reached or written now; trying again may help
    │ ├ StoreCorrupt          the file is damaged
    │ ├ SchemaMismatch        the store was written by a newer ARGUS
    │ ├ TraceNotFound         no trace has this id
    │ └ AmbiguousTraceId      several traces have this prefix
    └ ReplayError
      ├ ReplayDiverged        the replayed run left the recorded path
      └ TapeMiss              an HTTP request has no recorded answer (says what was asked, and the nearest)

Every message says what went wrong, where, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argus.model.trace import Trace

__all__ = [
    "AmbiguousTraceId",
    "ArgusError",
    "ConfigError",
    "DetectionError",
    "DetectorError",
    "InstrumentationError",
    "InterchangeError",
    "NotAvailable",
    "PluginError",
    "ReplayDiverged",
    "ReplayError",
    "ReportError",
    "SchemaMismatch",
    "StorageError",
    "StoreCorrupt",
    "StoreUnavailable",
    "TapeMiss",
    "TraceNotFound",
    "UnsupportedVersion",
    "WatcherStateError",
]


class ArgusError(Exception):
    """The root of all errors that ARGUS raises."""


class ConfigError(ArgusError):
    """A setting is unknown or has a wrong value.

    Attributes:
        problems: One line for each problem that was found, all gathered before raising.
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[str, ...] = tuple(problems) or (message,)


class DetectionError(ArgusError):
    """A strict watcher finalized a trace that is not clean.

    Attributes:
        trace: The finalized and already stored trace.
    """

    def __init__(self, message: str, trace: Trace) -> None:
        super().__init__(message)
        self.trace = trace


class WatcherStateError(ArgusError):
    """A watcher was used out of its lifecycle (created, watching, recording, finalized)."""


class InstrumentationError(ArgusError):
    """The object given cannot be watched."""


class UnsupportedVersion(InstrumentationError):
    """The installed library is older than the oldest supported one."""


class NotAvailable(ArgusError):
    """A documented option needs a part that is not built yet or not installed."""


class DetectorError(ArgusError):
    """A detector could not be loaded."""


class PluginError(ArgusError):
    """A plugin's entry point could not be loaded."""


class ReportError(ArgusError):
    """A report could not be made or written."""


class InterchangeError(ArgusError):
    """A run that was recorded elsewhere cannot be taken in."""


class StorageError(ArgusError):
    """The store could not do what was asked."""


class StoreUnavailable(StorageError):
    """The store cannot be reached or written now; trying again may help."""


class StoreCorrupt(StorageError):
    """The store's file is damaged."""


class SchemaMismatch(StorageError):
    """The store was written by a newer version of ARGUS."""


class TraceNotFound(StorageError):
    """No stored trace has this id."""


class AmbiguousTraceId(StorageError):
    """Several stored traces share this id prefix.

    Attributes:
        matches: Up to ten of the matching ids.
    """

    def __init__(self, message: str, matches: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.matches: tuple[str, ...] = tuple(matches)


class ReplayError(ArgusError):
    """A replay could not be done."""


class ReplayDiverged(ReplayError):
    """The replayed run left the recorded path."""


class TapeMiss(ReplayError):
    """An HTTP request of a replayed run has no recorded answer that could be given.

    Attributes:
        asked: Method and address of the request, secrets hidden.
        nearest: Method and address of the recorded request that is most like it, or None.
        difference: Where the two differ first, or why the recorded answer cannot be given; None without a nearest one.
    """

    def __init__(self, message: str, asked: str, nearest: str | None = None, difference: str | None = None) -> None:
        super().__init__(message)
        self.asked = asked
        self.nearest = nearest
        self.difference = difference
