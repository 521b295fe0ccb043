"""A small version of ``make soak``: the same script, fewer runs."""

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).resolve().parents[2] / "bench" / "soak.py"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--runs", "600"], "stored: 600 of 600\nflat\n"),
        (["--processes", "3", "--each", "20"], "60 of 60 whole traces"),
    ],
    ids=["one process", "many processes"],
)
def test_a_little_soak(options, said, tmp_path):
    done = subprocess.run([sys.executable, SOAK, *options], cwd=tmp_path, capture_output=True, text=True, timeout=110)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout
