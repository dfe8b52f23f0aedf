"""Opens a model of the store with its encoder, training the built-in one if there is none."""

from dataclasses import dataclass

from service.cli.screen import progress_bar, remarks
from service.cli.tables import metrics_table
from training.corpus import builtin_corpus
from training.encoder import Encoder, Precision
from training.model import Model
from training.sentence_encoder import load_encoder
from training.store import Store
from training.taxonomy import builtin_taxonomy
from training.train import train_model


@dataclass(frozen=True)
class Opened:
    """A numbered model and the encoder that it was trained with."""

    number: int
    model: Model
    encoder: Encoder


def open_model(store: Store, model: str, precision: Precision) -> Opened:
    """The model of that number or alias; an empty store is given the built-in one first."""
    if not store.numbers():
        _train_builtin(store, precision)
    number = store.resolve(model)
    loaded = store.load(number)
    reference = loaded.manifest.encoder
    with remarks.status("loading the encoder"):
        encoder = load_encoder(store.encoder_name(number), precision, sha256=reference.sha256)
    return Opened(number, loaded, encoder)


def _train_builtin(store: Store, precision: Precision) -> None:
    remarks.print(f"No model in {store.root} yet: training the built-in one.")
    taxonomy = builtin_taxonomy()
    encoder = load_encoder(precision=precision)
    with progress_bar("training") as progress:
        trained = train_model(taxonomy, builtin_corpus(taxonomy), encoder, progress=progress)
    store.promote(store.publish(trained.model))
    remarks.print(metrics_table(trained.model.metrics))
