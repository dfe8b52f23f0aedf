"""Opens a page as a reader does."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-logging=stderr",
]
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


def without_plotly(page: str) -> str:
    """What of a page is Topicwire's own."""
    return re.sub(r"<script>/\*!?\s*\*?.*?plotly.*?</script>", "", page, count=1, flags=re.DOTALL)


def show(page: str, folder: Path) -> str:
    """The document that Chromium makes of a page; fails if the page does."""
    (folder / "page.html").write_text(page)
    done = subprocess.run(
        [
            str(CHROMIUM),
            *QUIET,
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=10000",
            "--dump-dom",
            f"file://{folder / 'page.html'}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert [line for line in console if "ERROR" in line or "Uncaught" in line] == []
    return done.stdout
