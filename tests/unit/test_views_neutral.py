from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.model.values import cut_marker, mark
from argus.views.neutral import escape_for_json, lines_of, neutral, shorten
from argus.views.values import layout, measure, preview

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\nb\r\tc", "a␊b␍␉c"),
        ("\x9b2J", "⟨U+009B⟩2J"),
        ("user\u202etxt.exe", "user⟨U+202E⟩txt.exe"),
        ("half \ud83d", "half ⟨U+D83D⟩"),
        ("hid\u200bden", "hid⟨U+200B⟩den"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("\x7f", "␡"),
    ],
)
def test_hostile_characters_become_visible(hostile: str, shown: str) -> None:
    assert neutral(hostile) == shown


def test_honest_text_of_any_script_stays() -> None:
    text = "Größe, 数据, عربي, हिन्दी, 👩\u200d🔬"
    assert neutral(text) is text


@given(ANY_TEXT)
@settings(max_examples=150)
def test_neutral_text_is_one_encodable_line_and_stays_as_it_is(text: str) -> None:
    once = neutral(text)
    assert neutral(once) == once
    assert len(once.splitlines()) <= 1
    once.encode()


@given(ANY_TEXT)
@settings(max_examples=150)
def test_escaped_json_means_the_same(text: str) -> None:
    document = json.dumps({"x": [text]}, ensure_ascii=False, indent=2)
    escaped = escape_for_json(document)
    assert json.loads(escaped) == {"x": [text]}
    assert all(neutral(line) == line for line in escaped.split("\n"))


def test_shortening_says_how_long_the_text_is() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("a" * 1500, 4) == "aaaa… (1,500 characters)"


def test_text_cut_at_capture_tells_its_true_length() -> None:
    recorded = "abcdef" + cut_marker(123_456, "0" * 32)
    assert shorten(recorded, 100) == "abcdef… (123,456 characters)"
    assert shorten(recorded, 3) == "abc… (123,456 characters)"
    assert preview(recorded) == '"abcdef…" (123,456 characters)'
    assert measure(recorded) == "123,456 characters"


def test_lines_keep_their_breaks_and_nothing_else() -> None:
    assert lines_of("a\r\nb\tc\n\x1b[0m") == ["a", "b   c", "␛[0m"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ("", '""'),
        ([], "[]"),
        ({"a": [1, "x"]}, '{a: [1, "x"]}'),
        (mark("object", type="Lock", repr="<Lock>"), "<Lock>"),
        (mark("bytes", length=12), "<12 bytes>"),
        (mark("float", value="nan"), "nan"),
        ([1, mark("more", count=3)], "[1, … 3 more]"),
        (mark("cycle"), "<cycle>"),
    ],
)
def test_previews(value: object, shown: str) -> None:
    assert preview(value) == shown


def test_a_preview_of_something_large_is_bounded_and_says_what_is_left_out() -> None:
    assert preview(list(range(100_000)), 20) == "[0, 1, 2, 3, 4, 5, 6… (100,000 items)"
    assert preview("x" * 50_000_000, 5) == '"xxxxx…" (50,000,000 characters)'
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert preview(deep).startswith("[[[[")
    assert len(preview(deep)) < 120


def test_layout_cuts_honestly() -> None:
    lines, left_out = layout({"a": 1})
    assert lines == ["{", '  "a": 1', "}"]
    assert left_out == 0
    assert layout("abc\ndef", 5) == (["abc", "d"], 2)
