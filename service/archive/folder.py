"""The folder of a job's results, here or on shared storage."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import fsspec

from service.errors import JobFailed, OutputUnusable


class Folder:
    """Files that appear whole or not at all; every call raises OutputUnusable if it must."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise OutputUnusable(f"{url}: {error}") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes here while the context lasts; raises JobFailed if somebody does.

        Shared storage has no locks: there, two jobs would write the same files twice.
        """
        if not self._is_local:
            yield
            return
        try:
            Path(self._root).mkdir(parents=True, exist_ok=True)
            lock = (Path(self._root) / ".lock").open("w")
        except OSError as error:
            raise self._unusable(error) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise JobFailed(f"{self.url}: another job is writing there") from None
            yield

    def names(self, below: str) -> set[str]:
        """The names of the files in a folder below, temporary ones left out."""
        try:
            found = self._files.ls(self._path(below), detail=False)
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise self._unusable(error) from None
        names = (str(path).rsplit("/", 1)[-1] for path in found)
        return {name for name in names if not name.startswith(".")}

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if it is not there."""
        try:
            return bytes(self._files.cat_file(self._path(name)))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from None

    def write(self, name: str, content: bytes) -> None:
        """Once it returns, the file survives a loss of power."""
        path = self._path(name)
        try:
            if self._is_local:
                _write_aside(Path(path), content)
            else:  # object stores show an object when all of it is there
                self._files.pipe_file(path, content)
        except OSError as error:
            raise self._unusable(error) from None

    def delete(self, name: str) -> None:
        """Removes a file or folder, if it is there."""
        try:
            if self._files.exists(self._path(name)):
                self._files.rm(self._path(name), recursive=True)
        except OSError as error:
            raise self._unusable(error) from None

    @property
    def _is_local(self) -> bool:
        return "file" in self._files.protocol

    def _path(self, name: str) -> str:
        return f"{str(self._root).rstrip('/')}/{name}"

    def _unusable(self, error: OSError) -> OutputUnusable:
        return OutputUnusable(f"{self.url}: {error.strerror or error}")


def _write_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{uuid4().hex[:8]}")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
