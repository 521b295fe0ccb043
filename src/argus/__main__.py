"""``python -m argus`` is the same as ``argus``."""

import sys

from argus.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
