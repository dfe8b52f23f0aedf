"""The folder on disk that holds numbered models and the aliases that point to them."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import PositiveInt, TypeAdapter, ValidationError

from training.errors import ModelNotFound, StoreUnusable
from training.held_out import HeldOut, load_held_out
from training.manifest import Manifest
from training.model import (
    ENCODER,
    Model,
    SavableEncoder,
    load_model,
    read_manifest,
    save_model,
)

Alias = Literal["current", "previous", "canary"]
ALIASES: tuple[Alias, ...] = get_args(Alias)

MOST_DIGITS = 18
"""No model has a number of more; after far longer ones no folder could be named."""

_ALIAS_FILE = "aliases.json"
_AliasFile = TypeAdapter(dict[Alias, PositiveInt])


class Store:
    """Numbered models, each written aside and renamed into place, so that none is half there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def numbers(self) -> list[int]:
        """The models' numbers, oldest first."""
        with self._explained():
            names = [path.name for path in self.root.iterdir()] if self.root.exists() else []
        return sorted(int(name) for name in names if name.isascii() and name.isdecimal())

    def aliases(self) -> dict[Alias, int]:
        """The number that each alias in use points to."""
        path = self.root / _ALIAS_FILE
        with self._explained():
            if not path.exists():
                return {}
            try:
                return _AliasFile.validate_json(path.read_bytes())
            except ValidationError:
                raise StoreUnusable(f"{path}: not a table of aliases and numbers") from None

    def resolve(self, model: int | str = "current") -> int:
        """The number of a model that is named by number or by alias."""
        text = str(model)
        if text.isascii() and text.isdecimal():
            number = int(text) if len(text) <= MOST_DIGITS else None
        else:
            number = {str(alias): at for alias, at in self.aliases().items()}.get(text)
        if number is None or not (self.root / str(number)).is_dir():
            raise ModelNotFound(f"the store has no model {text!r}")
        return number

    def manifest(self, number: int) -> Manifest:
        """What a model says of itself."""
        return read_manifest(self._folder(number))

    def load(self, number: int) -> Model:
        """The model of that number, checked against its manifest."""
        return load_model(self._folder(number))

    def held_out(self, number: int) -> HeldOut | None:
        """What was said of its corpus held out; None if the model came without."""
        return load_held_out(self._folder(number), self.manifest(number))

    def encoder_name(self, number: int) -> str:
        """What to load the model's encoder by: its own folder if tuned, else the known name."""
        reference = self.manifest(number).encoder
        return str(self._folder(number) / ENCODER) if reference.tuned else reference.name

    def publish(
        self,
        model: Model,
        tuned: SavableEncoder | None = None,
        documents: Mapping[str, bytes] = MappingProxyType({}),
    ) -> int:
        """Adds the model under the next number, whole or not at all, and returns the number."""
        with self._explained():
            self.root.mkdir(parents=True, exist_ok=True)
            aside = Path(mkdtemp(prefix=".incoming-", dir=self.root))
            try:
                aside.chmod(0o755)
                save_model(model, aside, tuned, documents)
                return self._rename_to_next(aside)
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    def promote(self, number: int) -> None:
        """Makes the model `current` if it is fit to be loaded, and the one before `previous`."""
        self.load(self.resolve(number))
        aliases = self.aliases()
        if aliases.get("current") == number:
            return
        if "current" in aliases:
            aliases["previous"] = aliases["current"]
        self._write_aliases({**aliases, "current": number})

    def rollback(self) -> int:
        """Makes `previous` the `current` model, and the other way round; returns its number."""
        number = self.resolve("previous")
        self.promote(number)
        return number

    def _folder(self, number: int) -> Path:
        return self.root / str(self.resolve(number))

    def _rename_to_next(self, aside: Path) -> int:
        """A rename onto a number that another process took meanwhile fails; the next is tried."""
        number = max(self.numbers(), default=0)
        while True:
            number += 1
            try:
                aside.rename(self.root / str(number))
            except OSError:
                if not (self.root / str(number)).exists():
                    raise
            else:
                return number

    def _write_aliases(self, aliases: Mapping[Alias, int]) -> None:
        with self._explained():
            aside = self.root / f".{_ALIAS_FILE}.{os.getpid()}"
            aside.write_text(json.dumps(aliases, indent=2))
            aside.replace(self.root / _ALIAS_FILE)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            path = error.filename or self.root
            raise StoreUnusable(f"{path}: {error.strerror or error}") from None
