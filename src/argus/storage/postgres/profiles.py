"""Profiles in the database."""

from __future__ import annotations

from collections.abc import Mapping

from argus.learning.merging import merge
from argus.model.profile import Profile
from argus.storage.base import Baseline
from argus.storage.exact_json import escape, unescape
from argus.storage.known_profiles import KnownProfiles
from argus.storage.lessons import Series, text_of_profile
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.numbers import profile_number

__all__ = ["Profiles"]

_PUT = """
    INSERT INTO profiles (number, pipeline_name, graph_version, runs, body) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (number) DO UPDATE SET runs = excluded.runs, body = excluded.body"""


class Profiles:
    """The profiles of one store. Thread-safe."""

    def __init__(self) -> None:
        self._known = KnownProfiles()

    def get(self, connection: Connection, series: Series) -> Profile:
        """What is known of a series; a profile of zero runs when nothing is.

        Args:
            connection: In a transaction.
            series: Any series.
        """
        number = profile_number(*_key(series))
        found = connection.execute("SELECT body FROM profiles WHERE number = %s", (number,)).fetchone()
        return Profile() if found is None else self._known.of(series, found[0])

    def teach(self, connection: Connection, lessons: Mapping[Series, Profile]) -> None:
        """Adds to what is known; who teaches the same series waits until this transaction ends.

        Args:
            connection: In a write transaction.
            lessons: What new runs have shown.
        """
        # in order, so that two writers never wait for each other
        for series in sorted(lessons, key=lambda series: profile_number(*_key(series))):
            _lock(connection, series)
            self.put(connection, series, merge(self.get(connection, series), lessons[series]))

    def put(self, connection: Connection, series: Series, profile: Profile) -> None:
        """Replaces what is known.

        Args:
            connection: In a write transaction.
            series: Any series.
            profile: What is known from now on.
        """
        _lock(connection, series)
        text = text_of_profile(profile)
        connection.execute(_PUT, (profile_number(*_key(series)), *_key(series), profile.runs, text))
        self._known.remember(series, text, profile)

    @staticmethod
    def remove(connection: Connection, series: Series) -> bool:
        """Forgets what is known of a series.

        Args:
            connection: In a write transaction.
            series: Any series.

        Returns:
            Whether anything was.
        """
        _lock(connection, series)
        removed = connection.execute("DELETE FROM profiles WHERE number = %s", (profile_number(*_key(series)),))
        return removed.rowcount > 0

    @staticmethod
    def list(connection: Connection) -> tuple[Baseline, ...]:
        """What there is, by pipeline, the oldest version first.

        Args:
            connection: In a transaction.
        """
        found = connection.execute("SELECT pipeline_name, graph_version, runs FROM profiles ORDER BY 1, place")
        return tuple(
            Baseline(
                pipeline_name=unescape(pipeline),
                graph_version=None if version is None else unescape(version),
                runs=runs,
            )
            for pipeline, version, runs in found
        )


def _lock(connection: Connection, series: Series) -> None:
    """Waits for others who change the same profile; a row that does not exist yet could not be locked."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (profile_number(*_key(series)),))


def _key(series: Series) -> tuple[str, str | None]:
    version = series.graph_version
    return escape(series.pipeline_name), None if version is None else escape(version)
