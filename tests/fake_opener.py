"""Opens models without loading an encoder."""

from service.labelling.opened import Opened
from tests.fakes import FakeEncoder
from training.store import Store


class FakeOpener:
    """Opens models of a store with one fake encoder, which was never tuned."""

    def __init__(self, store: Store, encoder: FakeEncoder) -> None:
        self.store = store
        self.encoder = encoder
        self.opened: list[int] = []

    def open(self, number: int) -> Opened:
        self.opened.append(number)
        return Opened(number, self.store.load(number), self.encoder)

    def open_untuned(self, _opened: Opened) -> None:
        return None
