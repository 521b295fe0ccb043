from __future__ import annotations

import subprocess
import sys
import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus._internal.languages import language_of
from argus.errors import NotAvailable
from argus.judges import embedding
from argus.judges.embedding import DIMENSIONS, SAMPLE_LENGTH, StaticEmbedder, sample
from argus.model.ports import Embedder

SHARED = StaticEmbedder()


def test_it_is_an_embedder():
    assert isinstance(SHARED, Embedder)


def test_related_texts_are_closer_than_unrelated_ones():
    query, near, far = SHARED.embed(
        [
            "How do I bake bread?",
            "Knead flour, water and yeast, then put the loaf into the oven.",
            "The court adjourned.",
        ]
    )
    assert query @ near > 0.3 > 0.1 > query @ far


def test_rows_have_unit_length_and_the_right_shape():
    rows = SHARED.embed(["bread", "the bread of", "こんにちは", "Straße"])
    assert rows.shape == (4, DIMENSIONS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u2603\u2603", "\x00\x01", "the of and"])
def test_texts_without_known_words_are_zero(text):
    assert not SHARED.embed([text]).any()


def test_no_texts_no_rows():
    assert SHARED.embed([]).shape == (0, DIMENSIONS)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_gives_a_finite_row_and_always_the_same(text):
    first, second = SHARED.embed([text, text])
    assert np.isfinite(first).all()
    assert (first == second).all()


def test_two_unrelated_german_texts_do_not_look_related_for_being_german():
    rows = SHARED.embed(
        [
            "Wie hoch ist der Zinssatz für einen Kredit bei der Bank?",
            "Blitze entstehen, wenn sich in den Wolken die Ladungen trennen.",
        ]
    )
    assert rows[0] @ rows[1] < 0.1


def test_a_long_text_is_sampled_evenly():
    text = "".join(f"{number:06d} " for number in range(100_000))
    kept = sample(text)
    assert len(kept) <= SAMPLE_LENGTH
    assert kept.startswith("000000")
    assert kept.endswith("099999 ")
    numbers = sorted(int(word) for word in kept.split() if len(word) == 6)
    gaps = [b - a for a, b in pairwise(numbers) if b - a > 1]
    assert max(gaps) < 1.2 * min(gaps)


@given(st.text(max_size=9000), st.integers(1, 5000))
def test_a_sample_is_never_longer_than_asked(text, length):
    kept = sample(text, max(length, 16))
    assert len(kept) <= max(length, 16)
    assert len(text) > length or kept == text


def test_five_megabytes_cost_no_more_than_the_sample():
    assert SHARED.embed(["words without end " * 300_000]).any()


def test_threads_may_share_one():
    fresh, rows = StaticEmbedder(), []
    threads = [threading.Thread(target=lambda: rows.append(fresh.embed(["a shared model"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 8
    assert all((row == rows[0]).all() for row in rows)


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(embedding.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotAvailable, match=r"pip install wordllama==.*detection\.semantic\.enabled"):
        StaticEmbedder().embed(["x"])


def test_a_damaged_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(embedding, "_package_folder", lambda: tmp_path)
    with pytest.raises(NotAvailable, match="cannot be read"):
        StaticEmbedder().embed(["x"])


def test_nothing_is_loaded_before_the_first_text_and_the_package_is_never_imported():
    script = (
        "import sys, resource\n"
        "from argus.judges.embedding import StaticEmbedder\n"
        "embedder = StaticEmbedder()\n"
        "assert 'numpy' not in sys.modules and 'tokenizers' not in sys.modules\n"
        "import numpy\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "embedder.embed(['hello world'])\n"
        "assert 'wordllama' not in sys.modules and 'torch' not in sys.modules\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 120_000  # kilobytes; about 75,000 are usual


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The river is deep and it is cold in the winter.", "en"),
        ("Der Fluss ist tief und im Winter ist er kalt.", "de"),
        ("La rivière est profonde et elle est froide en hiver.", "fr"),
        ("El río es profundo y en el invierno está muy frío.", "es"),
        ("Il fiume è profondo e nella stagione fredda gela.", "it"),
        ("O rio é fundo e no inverno não está quente.", "pt"),
        ("De rivier is diep en in de winter is het koud.", "nl"),
        ("Ån är djup och på vintern är det kallt.", "sv"),
        ("Река глубокая, и она не замерзает зимой.", "ru"),
        ("川は深くて、冬は寒いです。", "ja"),
        ("河水很深，冬天很冷。", "zh"),
        ("강은 깊고 겨울에는 춥다.", "ko"),
        ("reset password", None),
        ("12345 !!", None),
        ("", None),
    ],
)
def test_languages_are_told_by_script_and_function_words(text, language):
    assert language_of(text) == language
