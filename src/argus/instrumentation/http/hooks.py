"""The hooks in HTTP libraries: there as long as somebody records or answers, and not longer.

A library that is imported already is hooked at once, one that is imported later as soon as it is there; none is
imported because of us.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Final

from argus._internal.forks import renew_after_fork
from argus._internal.guard import Guard
from argus.instrumentation.http.imports import ImportWatch
from argus.instrumentation.http.patching import Replaced, is_gone, put_back, replaced

__all__ = ["hold_hooks", "hooked"]

_HOOKS: Final = {
    "httpx": "httpx_hooks",
    "httpx2": "httpx_hooks",
    "urllib3": "urllib3_hooks",
    "aiohttp": "aiohttp_hooks",
}

_guard = Guard("http.hooks")


class _Hooks:
    """Who holds the hooks, and what is hooked; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._holders = 0
        self._replaced: dict[str, list[Replaced]] = {}
        self._imports = ImportWatch(_HOOKS, self._imported)
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Another thread of the parent may have held the lock."""
        self._lock = threading.RLock()

    def hold(self) -> Callable[[], None]:
        with self._lock:
            self._holders += 1
            self._forget_what_is_gone()
            for name in _HOOKS:
                module = sys.modules.get(name)
                spec = getattr(module, "__spec__", None)
                # One that another thread is importing right now is seen by the watch, or by the next who holds.
                if module is not None and not getattr(spec, "_initializing", False):
                    self._hook(name, module)
            self._imports.begin()
        held = [True]

        def release() -> None:
            with self._lock:
                if held.pop() if held else False:
                    self._released()

        return release

    def names(self) -> list[str]:
        with self._lock:
            self._forget_what_is_gone()
            return list(self._replaced)

    def _forget_what_is_gone(self) -> None:
        for name, done in list(self._replaced.items()):
            self._replaced[name] = left = [one for one in done if not is_gone(one)]
            if not left:
                del self._replaced[name]

    def _released(self) -> None:
        self._holders -= 1
        if self._holders:
            return
        self._imports.end()
        for name, done in list(self._replaced.items()):
            left = [one for one in reversed(done) if not put_back(one)]
            if left:  # somebody has wrapped ours; it stays below theirs and hands everything on
                self._replaced[name] = left[::-1]
            else:
                del self._replaced[name]

    def _imported(self, name: str) -> None:
        with self._lock:
            if self._holders:
                self._hook(name, sys.modules[name])

    def _hook(self, name: str, module: ModuleType) -> None:
        with _guard:
            hooks = importlib.import_module(f"argus.instrumentation.http.{_HOOKS[name]}")
            done = self._replaced.setdefault(name, [])
            known = {(one.owner, one.name) for one in done}
            for patch in hooks.patches(module):
                if (patch.owner, patch.name) not in known:
                    done.append(replaced(patch))  # one by one: a version that lacks one is still put back


_hooks = _Hooks()


def hold_hooks() -> Callable[[], None]:
    """Hooks the HTTP libraries.

    Returns:
        To be called when they are not needed any more; only the first call counts.
    """
    return _hooks.hold()


def hooked() -> list[str]:
    """The libraries whose methods are replaced now."""
    return _hooks.names()
