"""Which languages a step may rightly write in, as far as the run tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from argus._internal.languages import language_hits, language_of
from argus.detectors.names import words_of
from argus.detectors.run_index import RunIndex
from argus.detectors.wording import is_named
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = [
    "declared_languages",
    "house_languages",
    "languages_said",
    "may_translate",
    "named_languages",
    "source_languages",
]

_NAMES: Final = Path(__file__).parents[1] / "vocabulary" / "language_names.txt"
_SHORT: Final = 24
_HITS: Final = 3
_MOST: Final = 400
_READ: Final = 4_000


def languages_said(texts: Iterable[str]) -> frozenset[str]:
    """The languages of some texts, each told by itself, and that of all together.

    Args:
        texts: What a step was given.
    """
    known = [text for text in texts if len(text) > _SHORT or not text.isascii()][:_MOST]
    found = {language_of(text) for text in known}
    found.add(language_of(" ".join(text[:200] for text in known)))
    return frozenset(one for one in found if one is not None)


def source_languages(step: TraceStep, index: RunIndex) -> frozenset[str]:
    """The languages of the fixed texts in the source of a step's node.

    Args:
        step: The step.
        index: The run.
    """
    spec = index.node(step)
    return _spoken(spec.says or () if spec is not None else ())


def house_languages(index: RunIndex) -> frozenset[str]:
    """The languages of the fixed texts in the sources of all nodes of a run's graph.

    Args:
        index: The run.
    """
    graph = index.trace.graph
    nodes = graph.nodes if graph is not None else ()
    return _spoken(word for node in nodes[:_MOST] for word in node.says or ())


def _spoken(words: Iterable[str]) -> frozenset[str]:
    hits: dict[str, int] = {}
    for text in words:
        for code, count in language_hits(text).items():
            hits[code] = hits.get(code, 0) + count
    most = max(hits.values(), default=0)
    return frozenset(code for code, count in hits.items() if count >= _HITS and 2 * count >= most)


def declared_languages(state: Mapping[str, JsonValue], depth: int = 2) -> frozenset[str]:
    """The languages that fields such as ``language``, ``locale`` or ``idioma`` name.

    Args:
        state: What a step was given.
        depth: How deep records are opened.
    """
    found: set[str] = set()
    for field, value in state.items():
        if isinstance(value, str) and len(value) <= _SHORT and is_named("language_fields", field):
            found |= named_languages((value,)) | _coded(value)
        elif depth and isinstance(value, dict):
            found |= declared_languages(value, depth - 1)
    return frozenset(found)


def named_languages(texts: Iterable[str]) -> frozenset[str]:
    """The languages that some texts call by their names.

    Args:
        texts: Names of nodes and fields, requests; of each the first 4,000 characters are read.
    """
    found: set[str] = set()
    by_name = _by_name()
    for text in texts:
        opening = text[:_READ].lower()
        found.update(by_name[word] for word in _words(opening) if word in by_name)
        if not opening.isascii():
            found.update(code for name, code in by_name.items() if not name[0].isascii() and name in opening)
    return frozenset(found)


def may_translate(step: TraceStep, fields: Iterable[str]) -> bool:
    """Whether names say that a step changes the language of texts.

    Args:
        step: The step.
        fields: The names of the fields concerned.
    """
    return any(is_named("translating_names", name) for name in (step.node_name, *fields))


def _words(text: str) -> Iterable[str]:
    return words_of(text) if len(text) <= _SHORT else text.replace(".", " ").replace(",", " ").split()


def _coded(value: str) -> frozenset[str]:
    code = value.strip().lower().replace("_", "-").partition("-")[0]
    return frozenset({code}) if code in set(_by_name().values()) else frozenset()


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _NAMES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, *names = line.split()
            found.update(dict.fromkeys(names, code))
    return found
