from dataclasses import replace

import numpy as np
import pytest

from training.corpus import Corpus
from training.errors import WorseModel
from training.held_out import hash_texts
from training.publishing import promote, publish
from training.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "models")


def publish_and_promote(store, trained, **options):
    published = publish(store, trained)
    promote(store, published, **options)
    return published


def changes_of(published):
    assert published.changes
    return published.changes


def compared(published):
    changes = changes_of(published)
    assert changes.comparison
    return changes.comparison


def spoiled(trained):
    """The same model, held out labels of which are wrong all over."""
    flips = np.random.default_rng(0).random(trained.held_out.given.shape) < 0.5
    return replace(trained, held_out=replace(trained.held_out, given=flips))


def test_the_first_model_has_nothing_to_be_compared_with(store, trained):
    published = publish_and_promote(store, trained)
    assert published.changes is None
    assert store.aliases() == {"current": 1}


def test_the_same_model_again_changes_nothing(store, trained):
    publish_and_promote(store, trained)
    published = publish_and_promote(store, trained)
    changes = changes_of(published)
    assert compared(published).macro_f1.difference == 0
    assert (changes.added, changes.removed, changes.relabelled) == (0, 0, 0)
    assert all(before == now for before, now in changes.thresholds.values())
    assert store.aliases() == {"current": 2, "previous": 1}


def test_a_worse_model_is_kept_but_does_not_become_current(store, trained):
    publish_and_promote(store, trained)
    worse = publish(store, spoiled(trained))
    with pytest.raises(WorseModel, match=r"model 2 is worse than model 1, which stays current"):
        promote(store, worse)
    assert store.aliases() == {"current": 1}
    assert store.numbers() == [1, 2]


def test_a_worse_model_becomes_current_by_force(store, trained):
    publish_and_promote(store, trained)
    publish_and_promote(store, spoiled(trained), force=True)
    assert store.aliases() == {"current": 2, "previous": 1}


def test_what_changed_in_the_corpus_is_counted(store, trained):
    publish_and_promote(store, trained)
    rows = list(trained.corpus.rows[3:])
    rows[0] = rows[0].model_copy(update={"labels": ("talks",)})
    rows.append(rows[0].model_copy(update={"text": "A new text."}))
    held_out = trained.held_out.chosen([*range(3, len(trained.corpus.rows)), 0])
    held_out.targets[0] = [False, True]
    published = publish(store, replace(trained, corpus=Corpus(tuple(rows)), held_out=held_out))
    changes = changes_of(published)
    assert (changes.added, changes.removed, changes.relabelled) == (1, 3, 1)
    assert compared(published).texts == len(rows) - 2


def test_models_without_common_texts_or_topics_are_not_compared(store, trained):
    publish_and_promote(store, trained)
    rows = tuple(r.model_copy(update={"text": f"else {r.text}"}) for r in trained.corpus.rows)
    other = changes_of(publish(store, replace(trained, corpus=Corpus(rows))))
    assert other.comparison is None
    assert not other.is_worse


def test_held_out_predictions_come_back_from_the_folder(store, trained):
    publish_and_promote(store, trained)
    found = store.held_out(1)
    assert found.texts == hash_texts(trained.corpus.texts)
    assert found.predictions.topics == trained.held_out.topics
    np.testing.assert_array_equal(found.predictions.given, trained.held_out.given)
    np.testing.assert_array_equal(found.predictions.targets, trained.held_out.targets)
    np.testing.assert_allclose(
        found.predictions.probabilities, trained.held_out.probabilities, atol=1e-6
    )


def test_a_model_without_held_out_predictions_is_compared_with_nothing(store, trained):
    store.promote(store.publish(trained.model))
    assert store.held_out(1) is None
    assert publish(store, trained).changes is None


def test_damaged_held_out_predictions_hinder_no_training(store, trained):
    publish_and_promote(store, trained)
    (store.root / "1" / "held_out.safetensors").write_bytes(b"junk")
    assert publish_and_promote(store, trained).changes is None
    assert store.aliases()["current"] == 2


def test_what_people_read_may_be_changed_or_gone(store, trained):
    publish_and_promote(store, trained)
    (store.root / "1" / "report.html").unlink()
    (store.root / "1" / "model_card.md").write_text("Ours.")
    assert store.load(1).taxonomy == trained.model.taxonomy
