"""What is told by code, because no pattern can tell it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.detectors.signatures.broken_json import flaw_of
from argus.detectors.signatures.charsets import misread
from argus.detectors.signatures.endings import ending_of, stops_where_another_goes_on
from argus.detectors.signatures.instructions import instructions_of
from argus.detectors.signatures.layout_breaks import layout_break
from argus.detectors.signatures.repetition import looks_repetitive, repeated
from argus.detectors.signatures.stubs import is_stub
from argus.model.trace import LlmCall

WHOLE = '{"lake": "Baikal", "depth": [1642, {"unit": "m"}]}'
SENTENCES = [
    "Größe: groß",
    "l'été à l'hôtel",
    "Привет, мир",
    "日本語です",
    "Ελλάδα",
    "don’t – “quote”",
    "Łódź",
    "naïve 😀",
]


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "cp437"])
def test_a_misread_sentence_is_found_and_a_good_one_is_not(text, codec):
    assert misread(text) is None
    found = misread(text.encode().decode(codec, "ignore" if codec == "cp1252" else "strict"))
    assert found is not None


@pytest.mark.parametrize("text", ["Привет, мир", "Большое спасибо за помощь"])
def test_russian_read_as_windows_1251_is_found(text):
    found = misread(text.encode().decode("cp1251", "replace"))
    assert found is not None
    assert found.codec == "cp1251"
    assert found.meant in text


@given(st.text(st.characters(codec="latin-1", min_codepoint=0xA0), max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_called_misread_reads_back(text):
    found = misread(text)
    if found is not None:
        assert found.shown in text
        assert found.meant.encode().decode("latin-1" if found.codec == "cp1252" else found.codec, "replace")


@pytest.mark.parametrize("end", range(12, len(WHOLE)))
def test_json_that_is_cut_anywhere_is_truncated(end):
    assert flaw_of(WHOLE[:end]) == "truncated"


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        (WHOLE, None),
        (WHOLE + "\n" + WHOLE, None),
        (WHOLE + " And that is all.", None),
        ("{'a': 1, 'b': [None, True]}", "python"),
        ('{"a": 1 "b": 2}', "corrupted"),
        ('{"a": 1, "b": 2,}', "corrupted"),
        ("{name} of the lake", None),
        ("[1] A footnote that goes on", None),
        ("{1, 2, 3} is a set", None),
        ('{"deep": ' * 100_000, "truncated"),
    ],
)
def test_what_is_wrong_with_json(text, flaw):
    assert flaw_of(text) == flaw


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.integers(6, 30))
@settings(max_examples=150, deadline=None)
def test_a_row_of_repetitions_covers_its_text(unit, times):
    text = unit * times
    found = repeated(text)
    squeezed = " ".join(text.split())
    if len(squeezed) >= 60 and len(set(squeezed)) > 1:
        assert found is not None
        assert found.share >= 0.75


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_a_row_of_repetitions_stands_in_its_text(text):
    found = repeated(text)
    if found is not None:
        assert found.unit * found.times in " ".join(text.split()) + " "
        assert found.times >= 5


def test_prose_does_not_look_repetitive():
    prose = "The lake is deep, and the lake is cold. Visitors come in July, and they leave in September when it snows."
    assert not looks_repetitive(prose)
    assert looks_repetitive(prose + " It is deep." * 20)


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("The lake is very deep, and the reason for it is the", "inside a sentence"),
        ("The lake is very deep, it lies in Siberia, far away,", "inside a sentence"),
        ("Der See ist sehr tief. Er liegt weit im Osten und", "inside a sentence"),
        ("The bill is paid. The next one will b", "inside a sentence"),
        ("The bill is 40.00 EUR. The rest comes later. Y", "inside a word"),
        ("The lake is very deep. It lies far away from any of the oceans and it is very cold", "without its end"),
        ("It is very deep, as said before\nVisitors. They come here in the warm weeks of the summer", "unfinished"),
        ("The bill is paid. The journey took the van no more than 15 s", "without its end"),
        ("The box weighs no more than about 5 g", None),
        ("The sum that we have to pay comes to 1,", "inside a sentence"),
        ("市议会昨天讨论了新的道路。工程将于四月开始", "without its end"),
        ("Dear Ann,\nthe lake is deep. It is cold, too.\nBest wishes from all of us", "unfinished"),
        ("The lake is very deep, and the water is cold.", None),
        ("Lake Baikal, the deepest lake of the world", None),
        ("See the page at https://example.org/lakes/baikal", None),
        ("The lake is deep. It has hardly any vitamin C", None),
        ("湖はとても深いです。シベリアにあります。水はとても冷たいので", "without its end"),
    ],
)
def test_how_a_text_ends(text, ending):
    assert ending_of(text) == ending


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("The depth is:\n```python\ndepth = max(", "a code block"),
        ("```python\ndepth = 3\n```\nThat is all", None),
        ("| lake | m |\n|---|---|\n| Baikal | 1642 |\n| Tanga", "a table"),
        ("| lake | m |\n|---|---|\n| Baikal | 1642 |", None),
        ("1. Open the valve.\n2. Wait for ten minutes.\n3. Close the valve and che", "a list"),
        ("1. Open the valve.\n2.", "a list"),
        ("Depths:\n- Baikal 1,642 m\n- Tanganyika 1,470 m", None),
        ("The result is clear (see table", "brackets"),
        ("It is fine :(", None),
        ("She said: “We will come back when", "a quotation"),
        ("Er sagte „Guten Tag“ und ging", None),
        ("For more see [the manual](https://exa", "a link"),
        ("# Report\nThe pump works.\n# Advice", "a heading"),
        ("It costs **ten euros", "emphasis"),
        ("It costs **ten** euros", None),
    ],
)
def test_what_a_text_leaves_open(text, inside):
    assert layout_break(text) == inside


def test_a_text_that_stops_inside_a_word_of_its_source():
    source = "it holds a fifth of the fresh water that lies on the surface."
    assert stops_where_another_goes_on("It holds a fifth of the fresh wat", source)
    assert not stops_where_another_goes_on("It holds a fifth of the fresh water", source)


def test_instructions_are_told_from_facts_and_quotations():
    prompt = (
        'You are an assistant of the museum. The lake is 1,642 metres deep. Say "Always come back to see us, please."'
        " Never mention the archive to anybody."
    )
    call = LlmCall(
        messages=[{"type": "system", "content": prompt}, {"type": "human", "content": "You must hurry up now!"}]
    )
    assert instructions_of(call) == ["You are an assistant of the museum.", "Never mention the archive to anybody."]


@pytest.mark.parametrize(
    "unit",
    ["a", "ab ", "{", '["', "Ã", "é»", "word, "],
    ids=["letter", "words", "braces", "open", "leads", "pairs", "prose"],
)
def test_time_grows_with_the_text_and_not_faster(unit):
    """A million characters beside an eighth: a ratio with a wide margin, whatever the machine does meanwhile."""
    eighth, whole = (min(_seconds(unit * (size // len(unit))) for _ in range(2)) for size in (125_000, 1_000_000))
    assert whole <= 5 * 8 * eighth + 1.0


def _seconds(text):
    begun = time.process_time()
    misread(text)
    flaw_of(text)
    looks_repetitive(text)
    repeated(text)
    ending_of(text)
    stops_where_another_goes_on(text, text)
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("text", "awaited", "stub"),
    [
        ("The summary will be added later.", False, True),
        ("Text folgt.", False, True),
        ("Contenu à venir", False, True),
        ("[résumé manquant]", False, True),
        ("Здесь будет текст", False, True),
        ("Sample output", True, True),
        ("Test results", False, False),
        ("write report", False, False),
        ("No results were found.", True, False),
        ("The report is finished, and 4 figures were added.", True, False),
        ("Text", True, False),
        ("?!", True, False),
    ],
)
def test_stubs_are_made_of_few_words(text, awaited, stub):
    assert is_stub(text, awaited=awaited) is stub
