"""Notices when a module is imported, without importing anything itself."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

from argus._internal.guard import Guard

__all__ = ["ImportWatch"]

_guard = Guard("http.imports")


class ImportWatch(MetaPathFinder):
    """Tells when one of some modules has been imported.

    Args:
        names: The modules.
        imported: Called with the name, after the module's code has run.
    """

    def __init__(self, names: Collection[str], imported: Callable[[str], None]) -> None:
        self._names = frozenset(names)
        self._imported = imported
        self._busy = threading.local()

    def begin(self) -> None:
        """Begins to watch; beginning twice changes nothing."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Ends watching."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Lets the others find the module and has its loader tell us."""
        if fullname not in self._names or getattr(self._busy, "name", None) == fullname:
            return None
        self._busy.name = fullname
        try:
            spec = next((found for found in self._found_by_others(fullname, path, target) if found is not None), None)
        finally:
            self._busy.name = None
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Telling(spec.loader, self._imported)
        return spec

    def _found_by_others(self, fullname: str, path: Any, target: Any) -> Any:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is not self and find is not None:
                yield find(fullname, path, target)


class _Telling:
    """A loader that tells when it is done, and takes itself out of the way before it begins."""

    def __init__(self, loader: Any, imported: Callable[[str], None]) -> None:
        self._loader = loader
        self._tell = imported

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        with _guard:
            self._tell(module.__name__)
