"""ARGUS finds the failures in agent pipelines that raise no exception, and the step that caused them.

Everything named here is loaded on first use, so that importing the package costs almost nothing.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

from argus._version import __version__

if TYPE_CHECKING:
    from argus.attachment import attach, auto, detach, flush
    from argus.detectors.base import BaseDetector
    from argus.errors import (
        ArgusError,
        ConfigError,
        DetectionError,
        InstrumentationError,
        NotAvailable,
        ReplayError,
        StorageError,
        TapeMiss,
        TraceNotFound,
        WatcherStateError,
    )
    from argus.model.detection import Detection, Evidence
    from argus.model.forensics import CausalLink, Forensics
    from argus.model.graph import GraphSpec
    from argus.model.trace import Trace, TraceStep
    from argus.replay.replaying import replay
    from argus.replay.result import ReplayResult
    from argus.session import ArgusSession
    from argus.storage.locate import open_store
    from argus.watcher import ArgusWatcher

logging.getLogger("argus").addHandler(logging.NullHandler())  # the application decides what of it is shown

_HOMES = {
    "ArgusError": "argus.errors",
    "ArgusSession": "argus.session",
    "ArgusWatcher": "argus.watcher",
    "BaseDetector": "argus.detectors.base",
    "CausalLink": "argus.model.forensics",
    "ConfigError": "argus.errors",
    "Detection": "argus.model.detection",
    "DetectionError": "argus.errors",
    "Evidence": "argus.model.detection",
    "Forensics": "argus.model.forensics",
    "GraphSpec": "argus.model.graph",
    "InstrumentationError": "argus.errors",
    "NotAvailable": "argus.errors",
    "ReplayError": "argus.errors",
    "ReplayResult": "argus.replay.result",
    "StorageError": "argus.errors",
    "TapeMiss": "argus.errors",
    "Trace": "argus.model.trace",
    "TraceNotFound": "argus.errors",
    "TraceStep": "argus.model.trace",
    "WatcherStateError": "argus.errors",
    "attach": "argus.attachment",
    "auto": "argus.attachment",
    "detach": "argus.attachment",
    "flush": "argus.attachment",
    "open_store": "argus.storage.locate",
    "replay": "argus.replay",
}

__all__ = [
    "ArgusError",
    "ArgusSession",
    "ArgusWatcher",
    "BaseDetector",
    "CausalLink",
    "ConfigError",
    "Detection",
    "DetectionError",
    "Evidence",
    "Forensics",
    "GraphSpec",
    "InstrumentationError",
    "NotAvailable",
    "ReplayError",
    "ReplayResult",
    "StorageError",
    "TapeMiss",
    "Trace",
    "TraceNotFound",
    "TraceStep",
    "WatcherStateError",
    "__version__",
    "attach",
    "auto",
    "detach",
    "flush",
    "open_store",
    "replay",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'argus' has no attribute {name!r}")
    module = importlib.import_module(home)
    value = module if home == f"argus.{name}" else getattr(module, name)  # a module that can be called
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
