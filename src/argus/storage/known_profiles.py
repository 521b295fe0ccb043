"""Profiles read from a store, remembered by their text so that one which has not changed is not read again."""

from __future__ import annotations

from typing import NamedTuple

from argus.model.profile import Profile
from argus.storage.lessons import Series, profile_from_text

__all__ = ["KnownProfiles"]

_KEPT = 32


class _Read(NamedTuple):
    """A profile and the text that it was read from."""

    text: str
    profile: Profile


class KnownProfiles:
    """The profiles that one store read or wrote last. Thread-safe: what is remembered is replaced, never changed."""

    def __init__(self) -> None:
        self._read: dict[Series, _Read] = {}

    def of(self, series: Series, text: str) -> Profile:
        """The profile that a text holds.

        Args:
            series: Whose it is.
            text: As it stands in the store.
        """
        known = self._read.get(series)
        if known is not None and known.text == text:
            return known.profile
        profile = profile_from_text(text)
        self.remember(series, text, profile)
        return profile

    def remember(self, series: Series, text: str, profile: Profile) -> None:
        """Keeps a profile that was just written.

        Args:
            series: Whose it is.
            text: As it stands in the store.
            profile: What the text holds.
        """
        if len(self._read) >= _KEPT and series not in self._read:
            self._read = {}
        self._read = {**self._read, series: _Read(text, profile)}
