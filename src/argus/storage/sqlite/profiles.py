"""Profiles in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from argus.learning.merging import merge
from argus.model.profile import Profile
from argus.storage.base import Baseline
from argus.storage.exact_json import escape, unescape
from argus.storage.known_profiles import KnownProfiles
from argus.storage.lessons import Series, text_of_profile

__all__ = ["Profiles"]

_FIND = "SELECT number, body FROM profiles WHERE pipeline_name = ? AND graph_version IS ?"


class Profiles:
    """The profiles of one store. Thread-safe."""

    def __init__(self) -> None:
        self._known = KnownProfiles()

    def get(self, connection: sqlite3.Connection, series: Series) -> Profile:
        """What is known of a series; a profile of zero runs when nothing is.

        Args:
            connection: In a transaction.
            series: Any series.
        """
        found = connection.execute(_FIND, _key(series)).fetchone()
        return Profile() if found is None else self._known.of(series, found[1])

    def teach(self, connection: sqlite3.Connection, lessons: Mapping[Series, Profile]) -> None:
        """Adds to what is known.

        Args:
            connection: In a write transaction.
            lessons: What new runs have shown.
        """
        for series, lesson in lessons.items():
            self.put(connection, series, merge(self.get(connection, series), lesson))

    def put(self, connection: sqlite3.Connection, series: Series, profile: Profile) -> None:
        """Replaces what is known.

        Args:
            connection: In a write transaction.
            series: Any series.
            profile: What is known from now on.
        """
        text = text_of_profile(profile)
        found = connection.execute(_FIND, _key(series)).fetchone()
        if found is None:
            connection.execute("INSERT INTO profiles VALUES (NULL, ?, ?, ?, ?)", (*_key(series), profile.runs, text))
        else:
            connection.execute(
                "UPDATE profiles SET runs = ?, body = ? WHERE number = ?", (profile.runs, text, found[0])
            )
        self._known.remember(series, text, profile)

    def remove(self, connection: sqlite3.Connection, series: Series) -> bool:
        """Forgets what is known of a series.

        Args:
            connection: In a write transaction.
            series: Any series.

        Returns:
            Whether anything was.
        """
        removed = connection.execute(
            "DELETE FROM profiles WHERE pipeline_name = ? AND graph_version IS ?", _key(series)
        )
        return removed.rowcount > 0

    @staticmethod
    def list(connection: sqlite3.Connection) -> tuple[Baseline, ...]:
        """What there is, by pipeline, the oldest version first.

        Args:
            connection: In a transaction.
        """
        found = connection.execute("SELECT pipeline_name, graph_version, runs FROM profiles ORDER BY 1, number")
        return tuple(
            Baseline(
                pipeline_name=unescape(pipeline),
                graph_version=None if version is None else unescape(version),
                runs=runs,
            )
            for pipeline, version, runs in found
        )


def _key(series: Series) -> tuple[str, str | None]:
    version = series.graph_version
    return escape(series.pipeline_name), None if version is None else escape(version)
