"""Builds the wheel, installs it beside nothing of this folder, and asks it for help.

`python -m tests.wheel`; part of `make check`.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
CHECK = """
import service, training, topicwire.v1.classification_pb2
from training.corpus import builtin_corpus
from training.taxonomy import builtin_taxonomy
assert len(builtin_corpus(builtin_taxonomy()).rows) > 400
for package in (service, training):
    assert TARGET in package.__file__, package.__file__
from service.cli.app import app
app(["--help"])
"""


def main() -> None:
    """Fails loudly if the wheel lacks what the installed command needs."""
    with TemporaryDirectory() as folder:
        wheels, target = Path(folder) / "wheels", Path(folder) / "installed"
        _run("-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(wheels), str(ROOT))
        [wheel] = wheels.glob("*.whl")
        _run("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel))
        code = f"import sys; TARGET = {str(target)!r}; sys.path.insert(0, TARGET)\n{CHECK}"
        _run("-P", "-c", code, cwd=folder)


def _run(*args: str, cwd: str | None = None) -> None:
    subprocess.run([sys.executable, *args], check=True, cwd=cwd)


if __name__ == "__main__":
    main()
