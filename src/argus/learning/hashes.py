"""Short hashes, which stand for what is too long to keep or nobody's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from argus.model.profile import VALUES_SEEN, RelationKind, Term

__all__ = ["fewest", "relation_hash", "short_hash"]


def fewest(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of the smallest hashes; of a sum of counts they are the sum of those of its parts.

    Args:
        counts: By hash.
    """
    return {key: counts[key] for key in sorted(counts)[:VALUES_SEEN]}


def relation_hash(kind: RelationKind, result: Term, of: Iterable[Term]) -> str:
    """What a relation is called among those that were broken.

    Args:
        kind: Its kind.
        result: Its result.
        of: Its other terms.
    """
    return short_hash(repr((kind, *((term.node, term.origin, term.path) for term in (result, *of)))))


def short_hash(text: str) -> str:
    """Twelve hex digits that stand for a text.

    Args:
        text: Any text.
    """
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
