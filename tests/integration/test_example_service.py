"""The example service over real HTTP: concurrent requests are answered, and every request's trace is complete."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from argus.storage.locate import open_store

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

SERVICE = Path(__file__).resolve().parents[2] / "examples" / "service" / "service.py"


@pytest.fixture
def service(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, SERVICE, str(port)], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
    yield process, port
    process.kill()
    process.communicate()


def ask(port, question):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/answer?question={quote(question)}")
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body["answer"]


def test_concurrent_requests_are_answered_and_traced(service, tmp_path):
    process, port = service
    questions = [f"{topic} leave {number}" for number in range(20) for topic in ("annual", "parental", "sick")]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda question: ask(port, question), questions))
    assert {status for status, _ in answers} == {200}
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    assert process.stderr.read() == ""
    store = open_store(f"sqlite:///{tmp_path / '.argus' / 'traces.db'}")
    traces = [store.get(row.id) for row in store.list(limit=1000).rows]
    assert sorted(trace.input["question"] for trace in traces) == sorted(questions)
    by_question = dict(zip(questions, answers, strict=True))
    for trace in traces:
        assert (trace.pipeline_name, trace.metadata["outcome"]) == ("handbook-service", "completed")
        assert [step.node_name for step in trace.steps] == ["search", "reply"]
        question = trace.input["question"]
        assert trace.steps[0].input_state == {"question": question}
        assert trace.steps[1].input_state["question"] == question
        assert trace.steps[1].output_state["answer"] == by_question[question][1]
