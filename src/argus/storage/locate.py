"""From a configuration or URL to an open store, and from what a user types to a trace's id."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from argus.config.settings import StorageSettings
from argus.errors import AmbiguousTraceId, ConfigError, NotAvailable, PluginError, TraceNotFound
from argus.storage.base import BaseStore
from argus.storage.masking import mask_url

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["BUILTIN", "GROUP", "mask_url", "open_configured", "open_store", "require_backend", "resolve", "store_url"]

GROUP = "argus.storage"
"""The entry-point group in which a backend registers under its URL scheme."""

BUILTIN: dict[str, str] = {
    "file": "argus.storage.object_store:ObjectStore",
    "memory": "argus.storage.memory:MemoryStore",
    "postgres": "argus.storage.postgres:PostgresStore",
    "postgresql": "argus.storage.postgres:PostgresStore",
    "s3": "argus.storage.object_store:ObjectStore",
    "sqlite": "argus.storage.sqlite:SqliteStore",
}
"""The built-in backends by URL scheme, written the way an entry point is."""

_LAST = re.compile(r"last(?:~(\d{1,9}))?")
_LOOKED_AT = 500
_MATCHES_SHOWN = 10


def open_configured(storage: StorageSettings, base_folder: Path | None = None) -> BaseStore:
    """The store that a configuration names.

    Args:
        storage: The section ``storage``.
        base_folder: What relative paths are relative to; None is the working folder.

    Raises:
        ConfigError: No such backend, or its URL is wrong.
        NotAvailable: The backend's driver is not installed.
        StorageError: Or a subclass; the store cannot be opened.
    """
    folder = (base_folder or Path()).absolute()
    if storage.url is not None:
        return open_store(storage.url, folder)
    if storage.backend == "sqlite":
        return open_store(f"sqlite:///{folder / storage.path}")
    return open_store(f"{storage.backend}:")


def open_store(url: str, base_folder: Path | None = None) -> BaseStore:
    """The store at a URL.

    Args:
        url: Such as ``sqlite:///traces.db`` (relative), ``sqlite:////data/traces.db`` (absolute) or ``memory:``.
        base_folder: What relative paths are relative to; None is the working folder.

    Raises:
        ConfigError: No backend answers to its scheme, or it is wrong in another way.
        NotAvailable: The backend's driver is not installed.
        PluginError: An installed backend cannot be loaded.
        StorageError: Or a subclass; the store cannot be opened.
    """
    scheme, rest = _split(url)
    backend = _backend(scheme)
    if scheme == "sqlite" and rest.startswith("///") and base_folder is not None and len(rest) > len("///"):
        rest = f"///{base_folder.absolute() / rest[3:]}"
    return backend.open(f"{scheme}:{rest}")


def require_backend(storage: StorageSettings) -> None:
    """Checks that a configuration names a backend that exists, without opening the store.

    Args:
        storage: The section ``storage``.

    Raises:
        ConfigError: No such backend, or its URL is wrong.
        NotAvailable: The backend's driver is not installed.
        PluginError: An installed backend cannot be loaded.
    """
    scheme = _split(storage.url)[0] if storage.url is not None else storage.backend
    if scheme != "sqlite":  # the default is known to exist and is loaded on first use
        _backend(scheme)


def store_url(reference: str | Path) -> str:
    """A store's URL from what a user gives.

    Args:
        reference: A URL, or the path of a SQLite file relative to the working folder.
    """
    if isinstance(reference, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", reference):  # one letter is a drive
        return reference
    return f"sqlite:///{Path(reference).absolute()}"


def resolve(store: BaseStore, reference: str) -> str:
    """The id of the trace that a user means.

    Args:
        store: Where to look.
        reference: A full id, the beginning of one, ``last`` for the newest trace, ``last~2`` for the second before it.

    Raises:
        TraceNotFound: Nothing fits; the message names ids that look alike.
        AmbiguousTraceId: Several fit; the message names up to ten.
    """
    reference = reference.strip()
    recent = _LAST.fullmatch(reference)
    if recent:
        return _recent(store, int(recent[1] or 0))
    if not reference:
        raise TraceNotFound(f"no trace id was given; `last` means the newest trace in {store.url}")
    matches = store.find_prefix(reference, limit=_MATCHES_SHOWN + 1)
    if not matches:
        matches = store.find_prefix(reference.lower(), limit=_MATCHES_SHOWN + 1)
    if not matches:
        raise TraceNotFound(_not_found(store, reference))
    if len(matches) == 1 or matches[0] == reference:  # an id comes before all ids that begin with it
        return matches[0]
    shown = matches[:_MATCHES_SHOWN]
    more = " and more" if len(matches) > _MATCHES_SHOWN else ""
    raise AmbiguousTraceId(f"which one? {reference!r} begins {', '.join(shown)}{more}; type more of the id", shown)


def _split(url: str) -> tuple[str, str]:
    scheme, colon, rest = url.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise ConfigError(f"{mask_url(url)!r} is no store's URL; write sqlite:///path/to/traces.db or memory:")
    return scheme.lower(), rest


def _backend(scheme: str) -> type[BaseStore]:
    if scheme in BUILTIN:
        return _loaded(scheme, BUILTIN[scheme])
    installed = {point.name.lower(): point.value for point in _entry_points()}
    if scheme in installed:
        return _loaded(scheme, installed[scheme])
    known = sorted({*BUILTIN, *installed})
    near = difflib.get_close_matches(scheme, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    raise ConfigError(f"no storage backend answers to {scheme!r}; {hint}")


def _loaded(scheme: str, reference: str) -> type[BaseStore]:
    module_name, _, name = reference.partition(":")
    try:
        loaded = getattr(importlib.import_module(module_name), name)
    except NotAvailable:
        raise
    except Exception as error:
        raise PluginError(f"the storage backend {scheme!r} ({reference}) cannot be loaded: {error}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, BaseStore)):
        raise PluginError(f"the storage backend {scheme!r} ({reference}) is no argus.storage.base.BaseStore")
    return loaded


def _entry_points() -> Sequence[EntryPoint]:
    from importlib.metadata import entry_points  # costs as much as all the rest, and is seldom needed

    return tuple(entry_points(group=GROUP))


def _recent(store: BaseStore, back: int) -> str:
    """The id of the trace that lies so many before the newest one."""
    cursor, remaining, seen = None, back, 0
    while True:
        page = store.list(limit=min(1000, remaining + 1), cursor=cursor)
        if len(page.rows) > remaining:
            return page.rows[remaining].id
        seen += len(page.rows)
        if page.next_cursor is None:
            holds = f"holds {seen} traces" if seen else "is empty; run a watched pipeline first"
            raise TraceNotFound(f"there is no trace last~{back}: the store {store.url} {holds}")
        remaining -= len(page.rows)
        cursor = page.next_cursor


def _not_found(store: BaseStore, reference: str) -> str:
    known: Sequence[str] = [row.id for row in store.list(limit=_LOOKED_AT).rows]
    alike = {trace_id[: len(reference)]: trace_id for trace_id in known}
    near = [alike[match] for match in difflib.get_close_matches(reference, alike, n=3, cutoff=0.6)]
    hint = f"; did you mean {', '.join(near)}?" if near else "; `argus trace --list` shows those that are"
    return f"no trace {reference!r} is stored in {store.url}{hint}"
