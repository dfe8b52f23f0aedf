"""Puts a trained model into the store, and in use unless the one in use is better."""

from dataclasses import dataclass

from training.changes import Changes, find_changes
from training.errors import ModelNotFound, ModelRefused, WorseModel
from training.held_out import HELD_OUT, HeldOut, hash_texts, pack_held_out
from training.report.rendering import CARD, REPORT, render_card, render_report
from training.store import Store
from training.train import Trained


@dataclass(frozen=True)
class Published:
    """Where a model is found, and what it changes."""

    number: int
    changes: Changes | None
    """Against the model that was current; None if there was none to compare it with."""


def publish(store: Store, trained: Trained) -> Published:
    """Adds the model to the store with all its documents; no alias points to it yet."""
    held_out = HeldOut(hash_texts(trained.corpus.texts), trained.held_out)
    documents = {
        HELD_OUT: pack_held_out(held_out),
        REPORT: render_report(trained).encode(),
        CARD: render_card(trained).encode(),
    }
    changes = _changes(store, held_out)
    return Published(store.publish(trained.model, trained.tuned, documents), changes)


def promote(store: Store, published: Published, *, force: bool = False) -> None:
    """Makes the model current; raises WorseModel if it is worse beyond noise, unless forced."""
    changes = published.changes
    if changes and changes.comparison and changes.is_worse and not force:
        low, high = changes.comparison.macro_f1.interval
        raise WorseModel(
            f"model {published.number} is worse than model {changes.since}, which stays current: "
            f"macro-F1 {changes.comparison.macro_f1.difference:+.3f} "
            f"(95 % from {low:+.3f} to {high:+.3f}) on {changes.comparison.texts} texts of both"
        )
    store.promote(published.number)


def _changes(store: Store, now: HeldOut) -> Changes | None:
    """None if no model is current, or it can't be read: there is nothing worth keeping then."""
    try:
        current = store.resolve("current")
        before = store.held_out(current)
    except (ModelNotFound, ModelRefused):
        return None
    return find_changes(current, before, now) if before else None
