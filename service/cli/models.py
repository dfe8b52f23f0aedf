"""`topicwire models …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from service.cli.options import JsonOption, StoreOption
from service.cli.screen import out, print_json, remarks
from service.settings import read_settings
from training.errors import ModelRefused

if TYPE_CHECKING:
    from training.store import Store

app = typer.Typer(
    help="List, show, promote and roll back the models of the store.", no_args_is_help=True
)


@app.command("list")
def list_models(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List the models, oldest first.

    Example: `topicwire models list`
    """
    rows = _rows(_store(store))
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, header_style="bold")
    for column in ("model", "aliases", "created", "topics", "texts", "macro F1"):
        table.add_column(column)
    for row in rows:
        table.add_row(*map(str, row.values()))
    out.print(table)


@app.command()
def show(
    model: Annotated[str, typer.Argument(help="Number or alias.")] = "current",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one model's manifest and scores.

    Example: `topicwire models show current`
    """
    from service.cli.tables import metrics_table

    opened = _store(store)
    number = opened.resolve(model)
    loaded = opened.load(number)
    if as_json:
        metrics = loaded.metrics.model_dump()
        print_json({"model": number, **loaded.manifest.model_dump(mode="json"), "metrics": metrics})
        return
    manifest = loaded.manifest
    out.print(f"model {number}, created {manifest.created_at:%Y-%m-%d %H:%M} UTC")
    out.print(f"encoder {manifest.encoder.name} ({manifest.encoder.sha256[:12]}…)")
    out.print(f"corpus of {manifest.corpus.size} texts ({manifest.corpus.sha256[:12]}…)")
    out.print(metrics_table(loaded.metrics))


@app.command()
def promote(
    number: Annotated[int, typer.Argument(min=1, help="Number of the model.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a model the current one.

    Example: `topicwire models promote 2`
    """
    opened = _store(store)
    opened.promote(number)
    _say_current(number, as_json=as_json)


@app.command()
def rollback(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Make the previous model the current one.

    Example: `topicwire models rollback`
    """
    _say_current(_store(store).rollback(), as_json=as_json)


def _rows(store: "Store") -> list[dict[str, str | int | float]]:
    """A row for each sound model; a damaged one is remarked upon and hides no other."""
    aliases = store.aliases()
    rows: list[dict[str, str | int | float]] = []
    for number in store.numbers():
        try:
            manifest = store.manifest(number)
        except ModelRefused as error:
            remarks.print(f"refused: {error}", markup=False)
            continue
        rows.append(
            {
                "model": number,
                "aliases": ", ".join(alias for alias, at in aliases.items() if at == number),
                "created": f"{manifest.created_at:%Y-%m-%d %H:%M}",
                "topics": len(manifest.topics),
                "texts": manifest.corpus.size,
                "macro_f1": round(manifest.macro_f1, 3),
            }
        )
    return rows


def _store(path: Path | None) -> "Store":
    from training.store import Store

    return Store(read_settings(store=path).store)


def _say_current(number: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"current": number})
    else:
        out.print(f"Model {number} is current.")
