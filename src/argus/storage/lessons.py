"""What stores do with a healthy run beside storing it: let it teach the profile of its pipeline and graph version."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from argus._internal.guard import Guard
from argus.learning.merging import merge
from argus.learning.profiling import profile_of
from argus.learning.teaching import is_lesson
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.exact_json import record_from_json, to_json

__all__ = ["Series", "lessons_of", "profile_from_text", "series_of", "text_of_profile"]

_log = logging.getLogger(__name__)
_guard = Guard("learning")


class Series(NamedTuple):
    """Runs that teach the same profile.

    Attributes:
        pipeline_name: Their pipeline.
        graph_version: The version of its graph, or None when unknown.
    """

    pipeline_name: str
    graph_version: str | None


def series_of(trace: Trace) -> Series:
    """The series that a run belongs to.

    Args:
        trace: Any run.
    """
    return Series(trace.pipeline_name, trace.graph.version if trace.graph else None)


def lessons_of(traces: Iterable[Trace], known: Callable[[Series], Profile]) -> dict[Series, Profile]:
    """What some runs have to teach, to be merged into what is known; never raises for what is in a trace.

    Args:
        traces: Finalized runs that have not taught yet; those that must not teach are passed over.
        known: Gives what was known of a series a moment ago; what others have learned since does no harm.
    """
    lessons: dict[Series, Profile] = {}
    for trace in traces:
        with _guard:
            if is_lesson(trace):
                series = series_of(trace)
                before, new = known(series), lessons.get(series, Profile())
                if is_lesson(trace, before.runs + new.runs):
                    lessons[series] = merge(new, profile_of(trace, (*before.relations, *new.relations)))
    return lessons


def text_of_profile(profile: Profile) -> str:
    """A profile as a store keeps it: JSON.

    Args:
        profile: Any profile.
    """
    return to_json(profile)


def profile_from_text(text: str) -> Profile:
    """A profile as it was stored; one that another version wrote in a way not understood here counts as none.

    Args:
        text: From :func:`text_of_profile`.
    """
    try:
        return record_from_json(text, Profile)
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        _log.warning("profile_not_read, learning begins anew: %s", error)
        return Profile()
