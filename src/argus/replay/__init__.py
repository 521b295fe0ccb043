"""A recorded run again from any of its steps: what came before from the record, the rest for real.

The module can be called: ``argus.replay(trace, app)`` is :func:`argus.replay.replaying.replay`.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argus.replay.app import load_app
    from argus.replay.proof import Attempt, Proof, prove
    from argus.replay.replaying import Replay, replay
    from argus.replay.result import Change, ReplayedStep, ReplayResult

__all__ = ["Attempt", "Change", "Proof", "Replay", "ReplayResult", "ReplayedStep", "load_app", "prove", "replay"]

_HOMES = {
    "Attempt": "argus.replay.proof",
    "Change": "argus.replay.result",
    "Proof": "argus.replay.proof",
    "Replay": "argus.replay.replaying",
    "ReplayResult": "argus.replay.result",
    "ReplayedStep": "argus.replay.result",
    "load_app": "argus.replay.app",
    "prove": "argus.replay.proof",
    "replay": "argus.replay.replaying",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'argus.replay' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


class _CallableModule(ModuleType):
    """The package has the name of its function, so it answers for it, whichever of the two was asked for first."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.replay(*arguments, **options)


sys.modules[__name__].__class__ = _CallableModule
