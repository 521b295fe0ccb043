"""Decoders are made one at a time: two threads that begin at once do not bring the interpreter down."""

import subprocess
import sys

PROGRAM = """
import sys, threading
from argus.model.codec import decode_trace, encode_trace
from argus.testing.full_trace import full_trace

text = encode_trace(full_trace())
sys.setswitchinterval(1e-6)
start = threading.Barrier(6)
threads = [threading.Thread(target=lambda: (start.wait(), decode_trace(text))) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_decode_for_the_first_time_at_once():
    began = [subprocess.Popen([sys.executable, "-c", PROGRAM]) for _ in range(3)]
    assert [process.wait(60) for process in began] == [0, 0, 0]
