"""Whether a text is one that its node always has at hand."""

from __future__ import annotations

from typing import Final

from argus._internal.telling_words import telling_words
from argus.detectors.run_index import RunIndex
from argus.model.trace import TraceStep

__all__ = ["is_fixed", "own_words"]

_SHARE: Final = 0.5


def own_words(step: TraceStep, index: RunIndex) -> frozenset[str]:
    """The telling words of the texts in the source of a step's node, that of the nodes around it included.

    Args:
        step: The step.
        index: The run.
    """
    found: set[str] = set()
    one: TraceStep | None = step
    seen = 0
    while one is not None and seen < 20:
        spec = index.node(one)
        if spec is not None and spec.says:
            found |= telling_words(" ".join(spec.says))
        one, seen = index.parent(one), seen + 1
    return frozenset(found)


def is_fixed(words: frozenset[str], step: TraceStep, index: RunIndex) -> bool:
    """Whether half of a text's telling words stand in the source of the node that wrote it, as in a canned reply.

    Args:
        words: The text's telling words.
        step: Who wrote it.
        index: The run.
    """
    return bool(words) and len(words & own_words(step, index)) >= _SHARE * len(words)
