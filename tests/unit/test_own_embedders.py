"""Embedders of the user's own: by name, over real HTTP, and what happens when they fail."""

from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from argus._internal.clock import CounterClock
from argus.analysis.finalize import Finalizer
from argus.analysis.observer import Observer
from argus.config.settings import DetectionSettings, SemanticSettings, Settings
from argus.detectors.registry import builtin_detectors
from argus.detectors.semantic.similarity import Relatedness
from argus.errors import ConfigError, NotAvailable
from argus.judges.embedders import chosen_embedder
from argus.judges.embedding import RELEVANCE_CUT, StaticEmbedder
from argus.judges.endpoint_embedding import EndpointEmbedder
from argus.judges.sturdy_embedding import SturdyEmbedder
from argus.testing.builders import build_trace, ran

ASKED = {"question": "Why is the tidal range larger at full moon?"}
MORTGAGES = [
    {"page_content": "A fixed-rate mortgage keeps the same interest for the whole term of the loan.", "metadata": {}},
    {"page_content": "Banks ask for a deposit of at least ten percent of the purchase price.", "metadata": {}},
]


class Alike:
    """All texts mean the same."""

    relevance_cut = 0.3

    def embed(self, texts):
        return [[3.0, 0.0] for _ in texts]


def alike(texts):
    return np.ones((len(texts), 4))


class Broken:
    """Answers what it is told to."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = 0

    def embed(self, texts):
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(texts)


not_an_embedder = 5


@contextmanager
def served(*answers):
    """A server that gives each of some answers in turn, the last one ever after; yields its address and what it got."""
    got: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
            answer = answers[min(len(got), len(answers)) - 1]
            status, content = answer(body) if callable(answer) else answer
            try:
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", content)
                    content = ""
                self.end_headers()
                self.wfile.write(content.encode())
            except OSError:
                pass  # the client gave up waiting

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def vectors(body, width=3):
    data = [
        {"index": place, "embedding": [float(len(text)), 1.0, 2.0][:width]} for place, text in enumerate(body["input"])
    ]
    return 200, json.dumps({"object": "list", "data": data[::-1]})


def endpoint(url, **options):
    return EndpointEmbedder(url, "small", pause=lambda seconds: None, **options)


def semantic(**options):
    return SemanticSettings(**options)


# over HTTP


def test_the_protocol(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with served(vectors) as (url, got):
        rows = endpoint(url).embed(["a", "three", "", "\ud800"])
    assert rows[:, 0].tolist() == [1, 5, 1, 1]
    assert got[0]["path"] == "/v1/embeddings"
    assert got[0]["key"] == "Bearer sk-test"
    assert got[0]["model"] == "small"


def test_long_texts_are_sampled_and_many_are_sent_in_parts():
    with served(vectors) as (url, got):
        rows = endpoint(f"{url}/embeddings").embed(["x" * 100_000, *map(str, range(100))])
    assert len(rows) == 101
    assert len(got) == 2
    assert max(len(text) for text in got[0]["input"]) <= 4_000


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_asked_again(status):
    with served((status, "later"), vectors) as (url, got):
        assert len(endpoint(url, retries=1).embed(["a"])) == 1
    assert len(got) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (401, "no"),
        (200, "<html>"),
        (200, '{"data": []}'),
        (200, '{"data": [{"index": 7, "embedding": [1]}]}'),
        (200, '{"data": [{"index": 0}]}'),
        (200, '{"data": [{"index": 0, "embedding": ["a"]}]}'),
        (307, "http://127.0.0.1:1/v1/embeddings"),
    ],
)
def test_other_answers_are_refused_at_once(answer):
    with served(answer) as (url, got), pytest.raises(NotAvailable, match=r"127\.0\.0\.1"):
        endpoint(url, retries=3).embed(["a"])
    assert len(got) == 1


def test_a_slow_server_is_given_up():
    def slow(body):
        time.sleep(0.3)
        return vectors(body)

    with served(slow) as (url, _), pytest.raises(NotAvailable):
        endpoint(url, timeout_s=0.05, retries=0).embed(["a"])


def test_nobody_there():
    with pytest.raises(NotAvailable, match="no answer"):
        endpoint("http://127.0.0.1:9/v1", retries=1).embed(["a"])


# when it fails


@pytest.mark.parametrize(
    "answer",
    [
        lambda texts: [[float("nan")] * 3] * len(texts),
        lambda texts: [[1.0, 2.0]],
        lambda texts: [[1.0], [1.0, 2.0]],
        lambda texts: None,
        lambda texts: "nonsense",
        lambda texts: np.zeros((len(texts), 0)),
        RuntimeError("out of memory"),
    ],
)
def test_the_built_in_one_stands_in(answer, caplog):
    sturdy = SturdyEmbedder(Broken(answer), "mine", cut=0.5)
    with caplog.at_level(logging.WARNING, "argus"):
        rows = [sturdy.embed(["bread and butter", "a loaf"]) for _ in range(2)]
    np.testing.assert_array_equal(rows[0], StaticEmbedder().embed(["bread and butter", "a loaf"]))
    assert sturdy.relevance_cut == RELEVANCE_CUT
    assert sturdy.failures == 2
    assert sturdy.reason
    assert sum("embedder_failed" in record.message for record in caplog.records) == 1


def test_another_width_than_before_is_a_failure():
    widths = iter([2, 3])
    sturdy = SturdyEmbedder(Broken(lambda texts: np.ones((len(texts), next(widths)))), "mine")
    assert sturdy.embed(["a"]).shape == (1, 2)
    assert sturdy.embed(["b"]).shape == (1, 256)
    assert "had 2 before" in sturdy.reason


def test_it_is_left_alone_for_a_while_after_three_failures():
    own = Broken(ValueError("down"))
    sturdy = SturdyEmbedder(own, "mine", clock=CounterClock(step_ms=10_000))
    for number in range(5):
        sturdy.embed([f"text {number}"])
    assert own.calls == 3
    own.answer = lambda texts: np.ones((len(texts), 2))
    shapes = [sturdy.embed([f"later {number}"]).shape for number in range(4)]
    assert shapes[-1] == (1, 2)


def test_rows_have_unit_length_and_are_remembered():
    own = Broken(lambda texts: [[3.0, 4.0]] * len(texts))
    sturdy = SturdyEmbedder(own, "mine", cut=0.4)
    first, second = sturdy.embed(["a", "b", "a"]), sturdy.embed(["b", "a"])
    np.testing.assert_allclose(first, [[0.6, 0.8]] * 3, rtol=1e-6)
    np.testing.assert_allclose(second, first[:2])
    assert own.calls == 1
    assert sturdy.relevance_cut == 0.4
    assert sturdy.embed([]).shape == (0, 2)


def test_the_scale_follows_whoever_answered():
    own = Broken(lambda texts: [[1.0, 0.0], [0.5, 0.8660254]][: len(texts)])
    assert Relatedness(SturdyEmbedder(own, "mine", cut=0.5)).between(["zzz"], ["qqq"])[0] == pytest.approx(
        0.7, abs=1e-5
    )


# what settings name


@pytest.mark.parametrize("reference", [None, "static"])
def test_none_is_the_built_in_one(reference):
    assert chosen_embedder(semantic(embedder=reference)) is None


@pytest.mark.parametrize(("name", "width"), [("Alike", 2), ("alike", 4)])
def test_a_class_or_a_function_of_yours(name, width):
    chosen = chosen_embedder(semantic(embedder=f"{__name__}:{name}"))
    assert chosen.embed(["x"]).shape == (1, width)
    assert chosen.relevance_cut == (0.3 if name == "Alike" else RELEVANCE_CUT)
    assert chosen_embedder(semantic(embedder=f"{__name__}:{name}", embedder_cut=0.6)).relevance_cut == 0.6


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("nonsense", "module:attribute"),
        ("no.such.module:thing", "cannot be loaded"),
        (f"{__name__}:missing", "cannot be loaded"),
        (f"{__name__}:not_an_embedder", "no embedder"),
        ("ftp://host/v1", "no http"),
        ("https://", "no http"),
    ],
)
def test_what_is_no_embedder_is_said(reference, said):
    with pytest.raises(ConfigError, match=said):
        chosen_embedder(semantic(embedder=reference))


def test_code_that_settings_name_runs_only_where_it_may():
    assert chosen_embedder(semantic(embedder="no.such.module:thing"), trusted=False) is None
    settings = Settings(detection=DetectionSettings(semantic=semantic(embedder="no.such.module:thing")))
    assert Observer(config=settings, storage=False, trusted=False)
    with pytest.raises(ConfigError):
        Observer(config=settings, storage=False)


# through a whole analysis


def analysed(**options):
    section = semantic(**options)
    settings = Settings(detection=DetectionSettings(semantic=section))
    finalizer = Finalizer(settings, builtin_detectors(), None, embedder=chosen_embedder(section))
    return finalizer(build_trace(ran("retrieve", {"documents": MORTGAGES}), input=ASKED))


def codes(trace):
    return [one.code for one in trace.detections if one.layer == "semantic"]


def test_each_key_changes_what_is_found():
    assert codes(analysed()) == ["SEM201"]
    assert codes(analysed(enabled=False)) == []
    assert codes(analysed(similarity_threshold=0.0)) == []
    assert codes(analysed(embedder=f"{__name__}:Alike")) == []
    with served(vectors) as (url, got):
        assert codes(analysed(embedder=url, embedder_model="large")) == []
        assert got[0]["model"] == "large"
        assert codes(analysed(embedder=url, embedder_cut=0.9999)) == ["SEM201"]
    with served((503, ""), (503, ""), vectors) as (url, got):
        analysed(embedder=url, embedder_retries=0)
        assert len(got) == 1


def test_a_time_limit_is_kept():
    def slow(body):
        time.sleep(0.4)
        return vectors(body)

    with served(slow) as (url, _):
        trace = analysed(embedder=url, embedder_timeout_s=0.05, embedder_retries=0)
    assert codes(trace) == ["SEM201"]
    assert "built-in vectors used" in trace.metadata["embedder_error"]


def test_a_failing_server_costs_no_finding_and_is_said():
    with served((500, "")) as (url, _):
        trace = analysed(embedder=url, embedder_retries=0)
    assert codes(trace) == ["SEM201"]
    assert "HTTP 500" in trace.metadata["embedder_error"]
    assert "detector_failures" not in trace.metadata
