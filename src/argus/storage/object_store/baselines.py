"""What healthy runs have taught, in an object store: one register for each pipeline and graph version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from typing import Final

from argus.learning.merging import merge
from argus.model.profile import Profile
from argus.storage.base import Baseline
from argus.storage.lessons import Series, profile_from_text, text_of_profile
from argus.storage.object_store.objects import Objects
from argus.storage.object_store.register import Document, Register

__all__ = ["Baselines"]

_FOLDER: Final = "baselines"
_KEPT: Final = 64
"""Profiles in memory at most."""


class _Learned(Document, frozen=True, kw_only=True):
    """A profile as it is stored.

    Attributes:
        pipeline_name: Whose it is.
        graph_version: The version of its graph.
        runs: How many runs have taught.
        profile: What they taught, as JSON text; None once it was forgotten.
    """

    pipeline_name: str
    graph_version: str | None
    runs: int = 0
    profile: str | None = None


class Baselines:
    """The profiles of one store.

    Args:
        objects: Where they are.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._registers: dict[str, Register[_Learned]] = {}

    def get(self, series: Series) -> Profile:
        """What is known of a pipeline.

        Args:
            series: The pipeline and graph version.
        """
        return _profile(self._register(series).read())

    def list(self) -> tuple[Baseline, ...]:
        """What is known of every pipeline, in short."""
        folders = sorted({one.name.split("/")[1] for one in self._objects.list(_FOLDER)})
        found = self._objects.at_once(lambda register: register.read(), [self._in(folder) for folder in folders])
        known = [one for one in found if one is not None and one.profile is not None]
        return tuple(
            Baseline(pipeline_name=one.pipeline_name, graph_version=one.graph_version, runs=one.runs)
            for one in sorted(known, key=lambda one: (one.pipeline_name, one.graph_version or ""))
        )

    def teach(self, lessons: Mapping[Series, Profile]) -> None:
        """Adds what runs have taught.

        Args:
            lessons: By pipeline and graph version.
        """
        for series, lesson in lessons.items():
            self._register(series).change(partial(_taught, series, lesson))

    def put(self, series: Series, profile: Profile) -> None:
        """Replaces what is known of a pipeline.

        Args:
            series: The pipeline and graph version.
            profile: What is known from now on.
        """
        self._register(series).change(lambda known: _learned(series, profile))

    def remove(self, series: Series) -> bool:
        """Forgets what is known of a pipeline.

        Args:
            series: The pipeline and graph version.

        Returns:
            Whether there was anything.
        """
        register = self._register(series)
        known = register.read()
        if known is None or known.profile is None:
            return False
        # an object that says so, since a number that was deleted could be made again by whoever just read it
        register.change(lambda known: _Learned(pipeline_name=series.pipeline_name, graph_version=series.graph_version))
        return True

    def _register(self, series: Series) -> Register[_Learned]:
        text = json.dumps([series.pipeline_name, series.graph_version])
        return self._in(blake2b(text.encode(), digest_size=16).hexdigest())

    def _in(self, folder: str) -> Register[_Learned]:
        if len(self._registers) >= _KEPT:
            self._registers = {}
        return self._registers.setdefault(folder, Register(self._objects, f"{_FOLDER}/{folder}", _Learned))


def _taught(series: Series, lesson: Profile, known: _Learned | None) -> _Learned:
    return _learned(series, merge(_profile(known), lesson))


def _learned(series: Series, profile: Profile) -> _Learned:
    return _Learned(
        pipeline_name=series.pipeline_name,
        graph_version=series.graph_version,
        runs=profile.runs,
        profile=text_of_profile(profile),
    )


def _profile(known: _Learned | None) -> Profile:
    return Profile() if known is None or known.profile is None else profile_from_text(known.profile)
