"""Something done at the very moment a package is first imported, and not before.

A script may set environment variables or switches before it imports a library, and a script that never imports it
should not wait for it. So watching begins inside the script's own import statement.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["when_imported"]


def when_imported(package: str, action: Callable[[], None]) -> Callable[[], None]:
    """Calls a function when a package is about to be imported for the first time; at once if it was imported already.

    The function may import the package itself.

    Args:
        package: A top-level package.
        action: Called once; what it raises reaches the importing code.

    Returns:
        A function that cancels the waiting; harmless afterwards.
    """
    if package in sys.modules:
        action()
        return lambda: None
    finder = _Watchman(package, action)
    sys.meta_path.insert(0, finder)
    return finder.leave


class _Watchman(MetaPathFinder):
    """Sees the first import of a package; finds nothing itself."""

    def __init__(self, package: str, action: Callable[[], None]) -> None:
        self._package = package
        self._action = action

    def leave(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._package:
            return None
        self.leave()
        self._action()
        module = sys.modules.get(fullname)
        return None if module is None else _Found(module).spec


class _Found(Loader):
    """Gives the import that was interrupted the module that the action has imported meanwhile."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec, self._loader = module.__spec__, module.__loader__
        self.spec = ModuleSpec(module.__name__, self)
        module.__spec__ = self.spec  # importlib goes by the module's own, and would load the package a second time

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__, module.__loader__ = self._spec, self._loader
