"""The language in which people say which runs they mean, the same for the command line and the web interface.

Words of the form ``key:value``, all of which must hold; commas between alternatives, a minus in front of what must not
be, comparisons for numbers, and free text, quoted where it holds spaces::

    status:failed,warning pipeline:orders -node:draft dur:>5s since:24h "no sources"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from difflib import get_close_matches
from typing import Final, NamedTuple, cast, get_args

from argus._internal.clock import Clock
from argus.model.detection import SEVERITIES, Severity
from argus.model.record import Record
from argus.model.trace import Status
from argus.storage.base import TraceQuery

__all__ = ["KEYS", "LAYERS", "Bounds", "RunFilter", "Term", "TokenProblem", "parse_time", "read_filter"]

KEYS: Final = (
    "pipeline", "status", "code", "severity", "node", "layer", "field", "dur", "steps", "tokens", "version",
    "replay-of", "text", "since", "until",
)  # fmt: skip
"""What can be asked for."""

LAYERS: Final = ("statistical", "semantic", "behavioral", "structural")

_NUMBERS: Final = ("dur", "steps", "tokens")
_ALLOWED: Final[dict[str, tuple[str, ...]]] = {"status": get_args(Status), "severity": SEVERITIES}
_TEXT = r'"(?:[^"\\]|\\.)*(?:"|\Z)' + r"|(?<![^\s:,-])'[^']*'|'"
"""A quoted text; an apostrophe inside a word is none."""
_WORD = re.compile(rf'(?:[^\s"\']|{_TEXT})+')
_BETWEEN_COMMAS = re.compile(rf'(?:[^,"\']|{_TEXT})+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\Z)' + r"|(?<![^\s:,-])'([^']*)'")
_AGO = re.compile(r"(\d{1,6})\s*(s|min|m|h|d|w)\Z")
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER = re.compile(r"(>=|<=|>|<|=)?\s*(\d{1,15}(?:\.\d{1,6})?)\s*(ms|s|min|m|h|k)?\Z")
_RANGE = re.compile(r"(\d[\w.]*)\.\.(\d[\w.]*)\Z")
_MILLISECONDS: Final = {"": 1000.0, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "min": 60_000.0, "h": 3_600_000.0}
_MOST_WORDS: Final = 100


class TokenProblem(Record, frozen=True, kw_only=True):
    """A word that cannot be understood; the rest of the filter still holds.

    Attributes:
        token: The word as it was written.
        hint: What to write instead.
    """

    token: str
    hint: str


class Bounds(NamedTuple):
    """A range of numbers.

    Attributes:
        low: The lower end.
        high: The upper end.
        with_low: Whether the lower end itself fits.
        with_high: Whether the upper end itself fits.
    """

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    def holds(self, number: float) -> bool:
        """Whether a number lies within."""
        above = number >= self.low if self.with_low else number > self.low
        return above and (number <= self.high if self.with_high else number < self.high)


class Term(NamedTuple):
    """One condition.

    Attributes:
        key: What it is about, one of :data:`KEYS`.
        words: The alternatives; any of them will do.
        bounds: The same as ranges, for numbers.
        negated: Whether none of them may hold.
    """

    key: str
    words: tuple[str, ...]
    bounds: tuple[Bounds, ...] = ()
    negated: bool = False


class RunFilter(NamedTuple):
    """Which runs are meant.

    Attributes:
        query: What a store can look up.
        rest: What has to be looked at run by run.
        problems: Words that could not be understood.
    """

    query: TraceQuery
    rest: tuple[Term, ...] = ()
    problems: tuple[TokenProblem, ...] = ()


def read_filter(text: str, clock: Clock, options: Mapping[str, Sequence[str]] | None = None) -> RunFilter:
    """The filter that a text describes; what cannot be understood is reported and left out.

    Args:
        text: What was typed.
        clock: Tells what "24h ago" means.
        options: Words by key that must hold beside the text; those of one key are alternatives.
    """
    reader = _Reader(clock)
    for key, given in (options or {}).items():
        if given:
            reader.option(key, given)
    words = _WORD.findall(text)
    for word in words[:_MOST_WORDS]:
        reader.take(word)
    if len(words) > _MOST_WORDS:
        reader.problems.append(TokenProblem(token=words[_MOST_WORDS], hint=f"Only {_MOST_WORDS} words are read."))
    return reader.result()


def parse_time(text: str, clock: Clock) -> datetime:
    """A point in time.

    Args:
        text: ``30min``, ``24h``, ``7d`` or ``2w`` ago, or an ISO 8601 date or time; without a zone it is local.
        clock: Tells what now is.

    Raises:
        ValueError: It is neither.
    """
    ago = _AGO.match(text.strip())
    try:
        if ago:
            return clock.now() - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"'{text}' is no time; write 30min, 24h, 7d, 2w, 2026-01-31 or 2026-01-31T14:00.") from None


class _Reader:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.problems: list[TokenProblem] = []
        self._terms: list[Term] = []
        self._free: list[str] = []
        self._since: list[datetime] = []
        self._until: list[datetime] = []

    def take(self, word: str) -> None:
        """Reads one word."""
        if len(re.findall(r'(?<!\\)"', word)) % 2:
            self._wrong(word, f"'{word}' cannot be read: a quote is not closed.")
            return
        key, colon, value = word.partition(":")
        name = key.removeprefix("-").lower()
        if not colon or not re.fullmatch(r"[a-z][a-z_-]*", name):
            self._free.append(_plain(word))
        elif name not in KEYS:
            self._wrong(word, f"Runs cannot be filtered by '{name}'. {_nearest(name, KEYS)}")
        elif not _plain(value):
            self._wrong(word, f"What should '{name}' be?")
        elif name in ("since", "until"):
            self._moment(word, name, _plain(value), negated=key.startswith("-"))
        else:
            self._condition(word, name, _alternatives(value), negated=key.startswith("-"))

    def option(self, key: str, words: Sequence[str]) -> None:
        """Takes words that were given under a key."""
        if key in ("since", "until"):
            for word in words:
                self._moment(word, key, word, negated=False)
        else:
            self._condition(words[0], key, words, negated=False)

    def result(self) -> RunFilter:
        """What was read."""
        if self._free:
            self._terms.append(Term("text", (" ".join(self._free),)))
        found: dict[str, Term] = {}
        rest: list[Term] = []
        for term in self._merged():
            if term.key not in found and _can_be_looked_up(term):
                found[term.key] = term
            else:
                rest.append(term)

        def one(key: str) -> str | None:
            return found[key].words[0] if key in found else None

        def many(key: str) -> tuple[str, ...]:
            return found[key].words if key in found else ()

        query = TraceQuery(
            pipeline=one("pipeline"),
            node=one("node"),
            text=one("text"),
            statuses=tuple(cast("Status", word) for word in many("status")),
            codes=many("code"),
            severities=tuple(cast("Severity", word) for word in many("severity")),
            since=max(self._since, default=None),
            until=min(self._until, default=None),
        )
        return RunFilter(query, tuple(rest), tuple(self.problems))

    def _merged(self) -> list[Term]:
        """The terms; status, code and severity given more than once are alternatives."""
        merged: dict[tuple[str, bool], Term] = {}
        others: list[Term] = []
        for term in self._terms:
            if term.key in ("status", "code", "severity"):
                known = merged.get((term.key, term.negated))
                words = dict.fromkeys((*(known.words if known else ()), *term.words))
                merged[term.key, term.negated] = term._replace(words=tuple(words))
            else:
                others.append(term)
        return [*merged.values(), *others]

    def _moment(self, word: str, name: str, value: str, *, negated: bool) -> None:
        try:
            moment = parse_time(value, self._clock)
        except ValueError as error:
            self._wrong(word, str(error))
            return
        (self._since if (name == "since") is not negated else self._until).append(moment)

    def _condition(self, word: str, name: str, words: Sequence[str], *, negated: bool) -> None:
        allowed = _ALLOWED.get(name)
        if name in _NUMBERS:
            bounds = [_bounds(one, name) for one in words]
            if None in bounds:
                example = "dur:>5s, dur:<200ms or dur:1s..10s" if name == "dur" else f"{name}:>10 or {name}:5..10"
                self._wrong(word, f"'{words[bounds.index(None)]}' is no number here; write {example}.")
                return
            known = tuple(one for one in bounds if one is not None)
            self._terms.append(Term(name, tuple(words), known, negated))
            return
        if name == "code":
            words = [one.upper() for one in words]
        if allowed is not None:
            for one in words:
                if one not in allowed:
                    self._wrong(word, f"'{one}' is no {name}. {_nearest(one, allowed)}")
            words = [one for one in words if one in allowed]
        if words:
            self._terms.append(Term(name, tuple(words), (), negated))

    def _wrong(self, word: str, hint: str) -> None:
        self.problems.append(TokenProblem(token=word, hint=hint))


def _can_be_looked_up(term: Term) -> bool:
    if term.negated:
        return False
    if term.key in ("status", "code", "severity"):
        return True
    return term.key in ("pipeline", "node", "text") and len(term.words) == 1


def _alternatives(value: str) -> list[str]:
    """The words between commas that stand outside of quotes."""
    parts = _BETWEEN_COMMAS.findall(value)
    return [plain for part in parts if (plain := _plain(part))]


def _plain(word: str) -> str:
    """A word without its quotes."""
    return _QUOTED.sub(lambda found: re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2], word)


def _bounds(word: str, name: str) -> Bounds | None:
    ends = _RANGE.match(word)
    if ends:
        low, high = _bounds(ends[1], name), _bounds(ends[2], name)
        return None if low is None or high is None else Bounds(low.low, high.low)
    found = _NUMBER.match(word)
    if found is None or (name == "dur" and found[3] == "k") or (name != "dur" and found[3] not in (None, "k")):
        return None
    number = float(found[2]) * (_MILLISECONDS[found[3] or ""] if name == "dur" else 1000.0 if found[3] else 1.0)
    sign = found[1] or "="
    if sign.startswith(">"):
        return Bounds(low=number, with_low=sign == ">=")
    if sign.startswith("<"):
        return Bounds(high=number, with_high=sign == "<=")
    return Bounds(number, number)


def _nearest(word: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(word, allowed, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(allowed)}."
