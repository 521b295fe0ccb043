"""Builds the sdist and a wheel from it, installs the wheel into empty environments and tries the command there.

Run by ``make package``. Without the ``langgraph`` extra the demo must name the command that installs it; with it the
demo must run and name the injected cause.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PINS = PROJECT / "requirements" / "dev.txt"
FORBIDDEN = ("tests/", "bench/", ".venv/", "examples/")


def run(*command: object, cwd: Path = PROJECT, expect: int = 0) -> str:
    """Runs a command and returns what it printed; stops when the exit code is another one."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode != expect:
        sys.exit(
            f"{' '.join(map(str, command))}: exit {done.returncode}, expected {expect}\n{done.stdout}{done.stderr}"
        )
    return done.stdout + done.stderr


def install(environment: Path, what: str) -> None:
    """Makes an environment and installs into it, at the pinned versions."""
    uv = Path(sys.executable).parent / "uv"
    run(uv, "venv", "--quiet", "--python", sys.executable, environment)
    pins = environment.parent / "pins.txt"
    lines = [line.split("\\")[0].strip() for line in PINS.read_text().splitlines()]
    pins.write_text("\n".join(line for line in lines if line and not line.startswith(("#", "--"))))
    run(uv, "pip", "install", "--quiet", "--python", environment, "--constraints", pins, what)


def serve(argus: Path, folder: Path) -> str:
    """Starts the server of an installed wheel and returns the page it serves, once its script was there too."""
    words = [str(argus), "serve", "--port", "0"]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address, _, secret = server.stdout.readline().strip().partition("/?token=")
        try:
            page = fetch(f"{address}/runs", secret)
            script = re.search(r'src="(/assets/[^"]+\.js)"', page)
            assert script, page
            assert len(fetch(f"{address}{script[1]}", secret)) > 10_000
        finally:
            server.terminate()
    return page


def fetch(address: str, secret: str) -> str:
    """What a local address answers to whoever has the secret."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text: str = answer.read().decode()
        return text


def main() -> None:
    """Builds, installs, tries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", folder)
        (sdist,) = folder.glob("*.tar.gz")
        run("tar", "xzf", sdist, "-C", folder)
        source = next(path for path in folder.iterdir() if path.is_dir())
        run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, source)
        (wheel,) = folder.glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        strays = [one for one in names if one.startswith(FORBIDDEN)]
        assert not strays, f"the wheel holds {strays[:3]}"
        assert any(one.endswith("py.typed") for one in names)
        assert "argus/server/static/index.html" in names, "the wheel lacks the web interface"
        packed = run("tar", "tzf", sdist)
        assert "/web/package-lock.json" in packed
        assert "node_modules" not in packed

        bare = folder / "bare"
        install(bare, str(wheel))
        said = run(bare / "bin" / "argus", "demo", cwd=folder, expect=2)
        assert 'pip install "arguslabs[langgraph]"' in said, said

        full = folder / "full"
        install(full, f"{wheel}[langgraph,ui]")
        said = run(full / "bin" / "argus", "demo", cwd=folder)
        assert "argus trace" in said, said
        served = serve(full / "bin" / "argus", folder)
        assert '<div id="app">' in served, served[:300]
        print(
            f"{wheel.name}: {len(names)} files; installs, runs its demo, serves its interface, names the missing extra"
        )


if __name__ == "__main__":
    main()
