"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

StoreOption = Annotated[Path | None, typer.Option("--store", help="Folder of models.")]
ModelOption = Annotated[str, typer.Option("--model", help="Number or alias of the model.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
