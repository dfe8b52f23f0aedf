"""A PostgreSQL server for tests, gone when they end."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FOUND = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.get_exec_path())]


def postgres_tools() -> Path | None:
    """The folder of initdb and pg_ctl; None if PostgreSQL is not installed."""
    return next((folder for folder in FOUND if (folder / "initdb").exists()), None)


@contextmanager
def running_postgres(tools: Path) -> Iterator[str]:
    """The URL of a server that listens on a socket in a folder of its own; without a database."""
    with TemporaryDirectory(prefix="topicwire-pg-", dir="/tmp") as folder:
        data = Path(folder) / "data"
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres")
        _run(tools / "initdb", "-D", data, "-U", "topicwire", "-A", "trust", "--no-sync")
        settings = f"-c listen_addresses='' -k {folder}"
        _run(
            tools / "pg_ctl", "-D", data, "-w", "-l", Path(folder) / "log", "-o", settings, "start"
        )
        try:
            yield f"postgresql://topicwire@/{{}}?host={folder}"
        finally:
            _run(tools / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _run(*command: object) -> None:
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")
