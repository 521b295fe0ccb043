"""The one place through which commands write for people.

Every text passes :meth:`Screen.safe`: recorded text can neither move the cursor nor recolour, retitle or clear the
terminal, and text that the output's encoding lacks is spelled out. Styles are added afterwards, only where they are
wanted, so nothing that comes from a trace is ever taken for one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Literal, NamedTuple

from argus.cli.output.cells import clip, split_at, width
from argus.errors import ArgusError
from argus.views.neutral import neutral

__all__ = ["OutputClosed", "Screen", "Span", "Style"]

Style = Literal["plain", "strong", "dim", "critical", "warning", "ok", "blame"]

_CODES: dict[Style, str] = {
    "strong": "1", "dim": "2", "critical": "1;31", "warning": "33", "ok": "32", "blame": "1;35",
}  # fmt: skip
"""Colour is only ever a verdict: red and yellow for findings, green for none, violet for blame and nothing else."""

_PLAIN_GLYPHS = str.maketrans(
    {
        "✕": "x", "△": "!", "✓": "+", "◌": "~", "◆": "*", "○": "o", "■": "#", "∅": "0", "−": "-", "×": "x", "·": "-",
        "│": "|", "├": "|", "└": "'", "┌": ".", "─": "-", "→": "->", "…": "...", "“": '"', "”": '"', "’": "'",
        "≥": ">=", "⟨": "<", "⟩": ">", **dict.fromkeys("▏▎▍▌▋▊▉█", "#"),
        **{chr(0x2400 + code): f"^{chr(64 + code)}" for code in range(32)}, "␡": "^?",
    }
)  # fmt: skip

_NARROWEST, _WIDEST, _UNKNOWN_WIDTH = 40, 120, 80
_ROOM_FOR_WORDS = 10


class OutputClosed(Exception):
    """The reader of our output has gone, as with ``argus trace | head``."""


class Span(NamedTuple):
    """A piece of a line.

    Attributes:
        text: What is shown.
        style: How.
    """

    text: str
    style: Style = "plain"


class Screen:
    """A stream that lines are drawn on.

    Args:
        stream: Where to write.
        environ: The environment; the process's own when None.
        columns: The width in cells; measured when None.
    """

    def __init__(
        self, stream: IO[str] | None = None, *, environ: Mapping[str, str] | None = None, columns: int | None = None
    ) -> None:
        environ = os.environ if environ is None else environ
        self.stream = sys.stdout if stream is None else stream
        self.is_terminal = _is_terminal(self.stream)
        self.colour = _wants_colour(self.is_terminal, environ)
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        self._encoding = encoding
        self.unicode = encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig", "utf16", "utf32")
        self.width = max(_NARROWEST, min(_WIDEST, columns or _measured(self.is_terminal, environ)))

    @property
    def narrow(self) -> bool:
        """Whether there is no room for columns and bars."""
        return self.width < 60

    @property
    def ellipsis(self) -> str:
        """What stands for text left out."""
        return "…" if self.unicode else "..."

    def safe(self, text: str) -> str:
        """The text on one harmless line that this output can encode.

        Args:
            text: Anything.
        """
        text = neutral(text)
        if self.unicode:
            return text
        return text.translate(_PLAIN_GLYPHS).encode(self._encoding, "backslashreplace").decode(self._encoding)

    def clip(self, text: str, cells: int) -> str:
        """The safe text in at most so many cells.

        Args:
            text: Anything.
            cells: The room there is.
        """
        return clip(self.safe(text), max(cells, len(self.ellipsis)), self.ellipsis)

    def line(self, *spans: Span | str) -> None:
        """Writes one line, cut at the right edge.

        Args:
            *spans: Its pieces.

        Raises:
            OutputClosed: Nobody reads any more.
        """
        room = self.width
        pieces = []
        for span in spans:
            piece = span if isinstance(span, Span) else Span(span)
            text = clip(self.safe(piece.text), room, self.ellipsis[:room]) if room > 0 else ""
            room -= width(text)
            pieces.append(self._styled(text, piece.style))
        self._write("".join(pieces).rstrip() + "\n")

    def paragraph(
        self, spans: Iterable[Span | str], *, first: tuple[Span, ...] = (), rest: tuple[Span, ...] = ()
    ) -> None:
        """Writes text over as many lines as it needs, broken between words.

        Args:
            spans: The text.
            first: What the first line begins with; a line of its own when it leaves no room for words.
            rest: What the other lines begin with; short.

        Raises:
            OutputClosed: Nobody reads any more.
        """
        words = list(_words(Span(self.safe(span.text), span.style) for span in _as_spans(spans)))
        if _width(first) > self.width - _ROOM_FOR_WORDS:  # a name as long as the line stands alone
            self.line(*first)
            first = rest
        lead, line, used = first, [*first], _width(first)
        empty = True
        for word in words:
            pieces = self._broken(word, max(_ROOM_FOR_WORDS, self.width - max(_width(first), _width(rest))))
            for number, piece in enumerate(pieces):
                length = _width(piece)
                if not empty and (number or used + 1 + length > self.width):  # no space inside a word
                    self.line(*line)
                    lead, line, used, empty = rest, [*rest], _width(rest), True
                if not empty:
                    line.append(Span(" "))
                    used += 1
                line += piece
                used += length
                empty = False
        if words or lead is first:
            self.line(*line)

    def blank(self) -> None:
        """Writes an empty line."""
        self._write("\n")

    def verbatim(self, text: str) -> None:
        """Writes text of our own or already made harmless, as it is.

        Args:
            text: With its line breaks.

        Raises:
            OutputClosed: Nobody reads any more.
        """
        self._write(text)

    def document(self, text: str) -> None:
        """Writes a document of harmless lines, in UTF-8 whatever the terminal speaks.

        Args:
            text: With its line breaks.

        Raises:
            OutputClosed: Nobody reads any more.
        """
        binary = None if self.unicode else getattr(self.stream, "buffer", None)
        if self.unicode:
            self._write(text)
        elif binary is None:
            self._write(text.encode("ascii", "backslashreplace").decode())
        else:
            with self._mapped():
                self.stream.flush()
                binary.write(text.encode())

    def flush(self) -> None:
        """Hands everything to the reader.

        Raises:
            OutputClosed: Nobody reads any more.
        """
        with self._mapped():
            self.stream.flush()

    def _broken(self, word: list[Span], room: int) -> list[list[Span]]:
        """A word in pieces no longer than a line."""
        if _width(word) <= room:
            return [word]
        pieces: list[list[Span]] = []
        for text, style in word:
            while text:
                head, text = split_at(text, room)
                pieces.append([Span(head, style)])
        return pieces

    def _styled(self, text: str, style: Style) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and text and style in _CODES else text

    def _write(self, text: str) -> None:
        with self._mapped():
            self.stream.write(text)

    @contextlib.contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError as error:
            raise OutputClosed from error
        except (OSError, ValueError) as error:
            raise ArgusError(f"the output cannot be written: {error}") from error


def _is_terminal(stream: IO[str]) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # a closed or makeshift stream
        return False


def _wants_colour(is_terminal: bool, environ: Mapping[str, str]) -> bool:
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"


def _measured(is_terminal: bool, environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    return shutil.get_terminal_size((_UNKNOWN_WIDTH, 24)).columns if is_terminal else _UNKNOWN_WIDTH


def _width(spans: Iterable[Span]) -> int:
    return sum(width(span.text) for span in spans)


def _as_spans(spans: Iterable[Span | str]) -> Iterable[Span]:
    return (span if isinstance(span, Span) else Span(span) for span in spans)


def _words(spans: Iterable[Span]) -> Iterable[list[Span]]:
    """What may not be broken between lines: pieces without a space between them."""
    word: list[Span] = []
    for text, style in spans:
        for index, part in enumerate(text.split(" ")):
            if index and word:
                yield word
                word = []
            if part:
                word.append(Span(part, style))
    if word:
        yield word
