"""Where a run breaks what held in all healthy ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from argus.learning.executions import Execution, executions_of
from argus.learning.relations import holds
from argus.model.profile import Profile, Relation
from argus.model.trace import Trace

__all__ = ["Breach", "breaches"]

_EXECUTIONS = 64


class Breach(NamedTuple):
    """A relation that does not hold.

    Attributes:
        relation: The relation.
        execution: Where; its ``value`` gives what stood on both sides.
    """

    relation: Relation
    execution: Execution


def breaches(profile: Profile, trace: Trace) -> Iterator[Breach]:
    """The believed relations that a run breaks, in the order of its steps; the first 64 executions of a node are read.

    Args:
        profile: What healthy runs have shown.
        trace: A run.
    """
    relations: dict[str, list[Relation]] = {}
    for relation in profile.believed:
        relations.setdefault(relation.result.node, []).append(relation)
    if not relations:
        return
    for execution in executions_of(trace, _EXECUTIONS):
        for relation in relations.get(execution.place, ()):
            if holds(relation, execution) is False:
                yield Breach(relation, execution)
