"""Opens a model of the store with its encoder, and fits one where there is none."""

from service.cli.screen import progress_bar, remarks
from service.cli.tables import metrics_table
from service.labelling.opened import Opened
from service.labelling.opening import Opener
from service.settings import Settings
from training.corpus import Corpus, builtin_corpus
from training.embedding_cache import CachedEncoder
from training.encoder import Encoder
from training.errors import EncoderUnavailable
from training.publishing import promote, publish
from training.sentence_encoder import load_encoder
from training.store import Store
from training.taxonomy import Taxonomy, builtin_taxonomy
from training.train import Trained, train_model
from training.weights import NEWS_ENCODER


def open_model(settings: Settings, model: str = "current") -> Opened:
    """The model of that number or alias; an empty store is given the built-in one first."""
    return _open(settings, model)[1]


def open_grouping_encoder(settings: Settings) -> Encoder:
    """What the current model's encoder was before it was tuned: it tells any articles apart."""
    opener, opened = _open(settings, "current")
    try:
        return opener.open_untuned(opened) or opened.encoder
    except EncoderUnavailable as error:
        remarks.print(f"{error}; clusters are made with the tuned one", markup=False)
        return opened.encoder


def _open(settings: Settings, model: str) -> tuple[Opener, Opened]:
    opener = Opener(Store(settings.store), settings.precision)
    number = find_model(opener.store, settings, model)
    with remarks.status("loading the encoder"):
        return opener, opener.open(number)


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
