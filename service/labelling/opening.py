"""Opens models of the store with their encoders."""

from weakref import WeakValueDictionary

from service.labelling.opened import Opened
from training.encoder import Encoder, Precision
from training.sentence_encoder import SentenceEncoder, load_encoder
from training.store import Store
from training.weights import untuned_name


class Opener:
    """Opens models one after the other; an encoder that is still in use is not loaded again."""

    def __init__(self, store: Store, precision: Precision) -> None:
        self.store = store
        self._precision = precision
        self._loaded = WeakValueDictionary[str, SentenceEncoder]()
        """By name, and by the SHA-256 of the weights."""

    def open(self, number: int) -> Opened:
        """The model of that number, checked, with the very encoder that it was made with."""
        model = self.store.load(number)
        sha256 = model.manifest.encoder.sha256
        return Opened(number, model, self._load(self.store.encoder_name(number), sha256))

    def open_untuned(self, opened: Opened) -> Encoder | None:
        """What its encoder was before it was tuned; None if it never was.

        Raises EncoderUnavailable if it was, and that is gone.
        """
        reference = opened.model.manifest.encoder
        name = untuned_name(reference.name)
        if name == reference.name and not reference.tuned:
            return None
        return self._load(name, int8=False)

    def _load(self, name: str, sha256: str | None = None, *, int8: bool = True) -> SentenceEncoder:
        found = self._loaded.get(sha256 or name)
        if found is None:
            found = self._loaded[sha256 or name] = load_encoder(
                name, self._precision, sha256=sha256, int8=int8
            )
        return found
