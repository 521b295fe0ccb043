"""The file of frozen baselines: what healthy runs have taught, written down to be reviewed, committed and used."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from argus.errors import ConfigError, ReportError
from argus.learning.freezing import freeze, thaw
from argus.model.profile import Profile

__all__ = ["FILE_NAME", "FrozenBaseline", "FrozenBaselines", "read_frozen", "text_of_frozen", "write_frozen"]

FILE_NAME: Final = "argus.baseline.yaml"

_LARGEST_BYTES: Final = 20_000_000
_HEAD: Final = """\
# What healthy runs have taught ARGUS, written by `argus baseline freeze`. Named by `detection.baseline` in argus.yaml,
# it is used instead of what the store has learned. Entries `believed`, `says` and `median` are for readers only.
"""


class FrozenBaseline(NamedTuple):
    """What was known of one pipeline and graph version.

    Attributes:
        pipeline_name: The pipeline.
        graph_version: The version of its graph, or None when unknown.
        profile: What healthy runs had shown.
    """

    pipeline_name: str
    graph_version: str | None
    profile: Profile


class FrozenBaselines:
    """The baselines of a file.

    Args:
        path: The file.
        baselines: What is in it.
    """

    def __init__(self, path: Path, baselines: Iterable[FrozenBaseline]) -> None:
        self.path = path
        self._profiles = {(one.pipeline_name, one.graph_version): one.profile for one in baselines}

    def __len__(self) -> int:
        return len(self._profiles)

    def profile(self, pipeline: str, graph_version: str | None) -> Profile | None:
        """What the file says of a pipeline; None when it says nothing of it, or of another version of its graph.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.
        """
        return self._profiles.get((pipeline, graph_version))


def text_of_frozen(baselines: Iterable[FrozenBaseline]) -> str:
    """The file's text: YAML.

    Args:
        baselines: One for each pipeline and graph version.
    """
    import yaml

    class Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # one of two classes
        def ignore_aliases(self, data: Any) -> bool:
            return True

    document = {
        "baselines": [
            {"pipeline": one.pipeline_name, "graph_version": one.graph_version, **freeze(one.profile)}
            for one in baselines
        ]
    }
    return _HEAD + yaml.dump(
        _writable(document), Dumper=Plain, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )


def write_frozen(path: Path, baselines: Iterable[FrozenBaseline]) -> None:
    """Writes the file, whole or not at all.

    Args:
        path: Where.
        baselines: What goes into it.

    Raises:
        ReportError: It cannot be written.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text_of_frozen(baselines), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise ReportError(
            f"{path} cannot be written: {error.strerror or error}; name a file in a folder that can be written"
        ) from error


def read_frozen(path: Path) -> FrozenBaselines:
    """The baselines in a file.

    Args:
        path: Written by :func:`write_frozen`, perhaps edited.

    Raises:
        ConfigError: It cannot be read, or is no such file; the message names the file and what is wrong in it.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ConfigError(f"{path} is larger than {_LARGEST_BYTES:,} bytes; that is no frozen baseline")
        document = _loaded(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"cannot read the frozen baseline {path}: {error.strerror or error}; make one with: argus baseline freeze"
        ) from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return FrozenBaselines(path, _baselines(path, document))


def _baselines(path: Path, document: Any) -> Iterator[FrozenBaseline]:
    entries = document.get("baselines") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        raise ConfigError(f"{path}: this is no frozen baseline; the list `baselines` is missing")
    seen: set[tuple[str, str | None]] = set()
    for rank, entry in enumerate(entries):
        where = f"{path}: `baselines[{rank}]`"
        if not isinstance(entry, Mapping) or not isinstance(entry.get("pipeline"), str):
            raise ConfigError(f"{where} must be a mapping with the pipeline's name under `pipeline`")
        version = entry.get("graph_version")
        if version is not None and not isinstance(version, str):
            raise ConfigError(f"{where}: `graph_version` must be a text or null")
        if (entry["pipeline"], version) in seen:
            raise ConfigError(f"{where}: `{entry['pipeline']}` with this graph version is there twice")
        seen.add((entry["pipeline"], version))
        try:
            profile = thaw(entry)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from error
        yield FrozenBaseline(entry["pipeline"], version, profile)


def _loaded(data: bytes) -> Any:
    """The document of a YAML text.

    Raises:
        ConfigError: It is none, or uses aliases, by which a small file can stand for an endless one.
    """
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
        try:
            root = loader.get_single_node()
            if root is not None:
                _refuse_aliases(root)
            return loader.construct_document(root) if root is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1}: " if mark else ""
        raise ConfigError(f"{at}{getattr(error, 'problem', None) or 'it is not valid YAML'}") from error
    except (RecursionError, ValueError, OverflowError) as error:
        raise ConfigError(f"{error or 'nested too deeply'}") from error


def _refuse_aliases(root: Any) -> None:
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, str):
            continue
        if id(node) in seen:
            raise ConfigError(f"line {node.start_mark.line + 1}: anchors and aliases are not allowed here")
        seen.add(id(node))
        waiting += (part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,)))


def _writable(value: Any) -> Any:
    """The same without lone surrogates, which no file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_writable(key): _writable(one) for key, one in value.items()}
    return [_writable(one) for one in value] if isinstance(value, list) else value
