"""`topicwire correct`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import JsonOption, StoreOption
from service.cli.screen import out, print_json
from service.settings import read_settings

if TYPE_CHECKING:
    from training.store import Store
    from training.taxonomy import Taxonomy


def correct(
    data: Annotated[
        Path, typer.Argument(help="JSONL file of texts with the labels they should have.")
    ],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep corrected texts for the next `topicwire train --corrections`.

    All rows of the file are kept, or none if one is wrong. A text that was corrected before
    gets its new labels.

    Example: `topicwire correct corrected.jsonl`
    """
    from service.storage.corrections import Correction, open_corrections
    from training.corpus import load_corpus
    from training.store import Store

    settings = read_settings(store=store)
    rows = load_corpus([data], _taxonomy(Store(settings.store))).rows
    kept = open_corrections(settings.database_url).add(
        (
            Correction(text=row.text, labels=row.labels, article_id=row.id, source=row.source)
            for row in rows
        ),
        datetime.now(UTC),
    )
    if as_json:
        print_json({"kept": kept})
    else:
        out.print(f"Kept {kept} corrections; `topicwire train --corrections` learns them.")


def _taxonomy(store: "Store") -> "Taxonomy":
    from training.taxonomy import builtin_taxonomy

    if not store.numbers():
        return builtin_taxonomy()
    return store.load(store.resolve()).taxonomy
