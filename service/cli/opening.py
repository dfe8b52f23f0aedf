"""Opens a model of the store with its encoder, and fits one where there is none."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from service.cli.screen import progress_bar, remarks
from service.cli.tables import metrics_table
from service.labelling.live import LiveModel, go_live
from service.settings import Settings
from training.corpus import Corpus, builtin_corpus
from training.embedding_cache import CachedEncoder
from training.encoder import Encoder
from training.errors import EncoderUnavailable
from training.loading import load_with_encoder
from training.model import Model
from training.publishing import promote, publish
from training.sentence_encoder import load_encoder
from training.store import Store
from training.taxonomy import Taxonomy, builtin_taxonomy
from training.train import Trained, train_model
from training.weights import NEWS_ENCODER, untuned_name


@dataclass(frozen=True)
class Opened:
    """A numbered model and the encoder that it was trained with."""

    number: int
    model: Model
    encoder: Encoder

    def load_untuned(self, settings: Settings) -> Encoder | None:
        """What the encoder was before it was tuned; None if it never was, or that is gone."""
        reference = self.model.manifest.encoder
        name = untuned_name(reference.name)
        if name == reference.name and not reference.tuned:
            return None
        try:
            return load_encoder(name, settings.precision)
        except EncoderUnavailable as error:
            remarks.print(f"{error}; clusters are made with the tuned one", markup=False)
            return None

    def go_live(
        self, settings: Settings, untuned: Encoder | None
    ) -> AbstractAsyncContextManager[LiveModel]:
        """The model, warm and ready to answer until the context ends."""
        return go_live(self.number, self.model, self.encoder, settings, untuned)


def open_model(settings: Settings, model: str = "current") -> Opened:
    """The model of that number or alias; an empty store is given the built-in one first."""
    store = Store(settings.store)
    number = find_model(store, settings, model)
    with remarks.status("loading the encoder"):
        loaded, encoder = load_with_encoder(store, number, settings.precision)
    return Opened(number, loaded, encoder)


def find_model(store: Store, settings: Settings, model: str) -> int:
    """The number of the model; an empty store is given the built-in one first."""
    if not store.numbers():
        _train_builtin(store, settings)
    return store.resolve(model)


def fit(
    taxonomy: Taxonomy, corpus: Corpus, encoder: str, settings: Settings, seed: int = 0
) -> Trained:
    """A model on the encoder of that name, which remembers what it has encoded before."""
    path = settings.cache.expanduser() / "embeddings.sqlite"
    cached = CachedEncoder(load_encoder(encoder, settings.precision), path)
    with progress_bar("training") as progress:
        return train_model(taxonomy, corpus, cached, seed=seed, progress=progress)


def _train_builtin(store: Store, settings: Settings) -> None:
    remarks.print(f"No model in {store.root} yet: training the built-in one.")
    taxonomy = builtin_taxonomy()
    trained = fit(taxonomy, builtin_corpus(taxonomy), NEWS_ENCODER, settings)
    promote(store, publish(store, trained))
    remarks.print(metrics_table(trained.model.metrics))
