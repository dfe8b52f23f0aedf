import numpy as np
import pytest

from training import background, finetune
from training.article import Article
from training.corpus import Corpus, LabelledText
from training.encoder import Precision, encode_texts
from training.errors import InvalidCorpus, ModelRefused
from training.evaluate import label_articles
from training.finetune import EPOCHS, FOLDS, TuningTexts, _Run, tune
from training.sentence_encoder import load_encoder
from training.store import Store
from training.taxonomy import parse_taxonomy
from training.train import finetune_model

GRID = ["The substation failed.", "Power lines are down.", "A blackout hit the town."]
TALKS = ["The envoys met.", "A treaty was signed.", "The summit ended without a deal."]
OTHER = ["The cake was good.", "Rain is expected.", "The band played on."]
ROWS = tuple(
    LabelledText(text=text, labels=labels)
    for texts, labels in ((GRID, ("grid",)), (TALKS, ("talks",)), (OTHER, ()))
    for text in texts * 2
)
ARTICLES = [Article(body=text) for text in ("Electricity is off.", "Ministers talked.", "Sun.")]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(precision=Precision.FLOAT32)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def tuned(taxonomy, encoder, told):
    return finetune_model(
        taxonomy, Corpus(ROWS), encoder, progress=lambda done, total: told.append((done, total))
    )


def test_the_same_corpus_and_seed_give_the_same_weights(taxonomy, encoder, tuned):
    again = finetune_model(taxonomy, Corpus(ROWS), encoder)
    ours, theirs = tuned.model.heads, again.model.heads
    np.testing.assert_array_equal(theirs.coefficients, ours.coefficients)
    np.testing.assert_array_equal(theirs.thresholds, ours.thresholds)
    np.testing.assert_array_equal(again.embeddings, tuned.embeddings)


def test_the_encoder_that_was_given_is_left_as_it_was(encoder, tuned):
    fresh = load_encoder(precision=Precision.FLOAT32)
    before, after = encode_texts(fresh, GRID), encode_texts(encoder, GRID)
    np.testing.assert_array_equal(before, after)
    assert np.abs(encode_texts(tuned.encoder, GRID) - after).max() > 1e-3


def test_the_heads_tell_texts_that_are_like_those_of_the_corpus(tuned):
    given = [each.topics for each in label_articles(tuned.model, tuned.encoder, ARTICLES)]
    assert given == [{"grid"}, {"talks"}, set()]


def test_the_vectors_of_the_vocabulary_stay_as_they_were(encoder, tuned):
    before, after = (
        each.model.transformers_model.get_input_embeddings().weight.detach().numpy()
        for each in (encoder, tuned.encoder)
    )
    np.testing.assert_array_equal(before, after)


def test_tuning_without_heads_is_the_same_each_time_and_leaves_the_encoder_alone(encoder):
    texts = TuningTexts(encoder.tokenize(GRID), np.ones((len(GRID), 1), dtype=bool))
    before = encode_texts(encoder, GRID)
    once, again = (encode_texts(tune(encoder, texts, seeds=(1,)), GRID) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(encode_texts(encoder, GRID), before)
    assert np.abs(once - before).max() > 1e-3


def test_the_weights_of_several_seeds_are_averaged(encoder):
    texts = TuningTexts(encoder.tokenize(GRID), np.ones((len(GRID), 1), dtype=bool))
    first, second, both = (
        np.stack([w for name, w in state.items() if name.endswith("query.weight")])
        for state in (
            tune(encoder, texts, seeds).model.state_dict() for seeds in ((1,), (2,), (1, 2))
        )
    )
    assert np.abs(first - second).max() > 1e-6
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)


def test_a_tuned_model_is_served_from_its_folder_as_it_was_tuned(tuned, tmp_path):
    store = Store(tmp_path)
    number = store.publish(tuned.model, tuned.tuned)
    loaded = store.load(number)
    reference = loaded.manifest.encoder
    assert reference.tuned
    assert store.encoder_name(number) == str(tmp_path / "1" / "encoder")
    encoder = load_encoder(store.encoder_name(number), Precision.FLOAT32, sha256=reference.sha256)
    expected = label_articles(tuned.model, tuned.encoder, ARTICLES)
    for here, there in zip(label_articles(loaded, encoder, ARTICLES), expected, strict=True):
        assert here.probabilities == pytest.approx(there.probabilities, abs=1e-5)


def test_changed_weights_of_a_tuned_encoder_are_refused(tuned, tmp_path):
    store = Store(tmp_path)
    store.publish(tuned.model, tuned.tuned)
    weights = tmp_path / "1" / "encoder" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelRefused, match=r"encoder/model.safetensors: does not match"):
        store.load(1)


def test_the_learning_rate_never_falls_below_zero_however_batches_fall(encoder, monkeypatch):
    rates = []

    def note(run, _):
        rates.append(run._optimizer.param_groups[0]["lr"])
        run._optimizer.step()

    monkeypatch.setattr(_Run, "_step", note)
    random = np.random.default_rng(0)
    tokens = [[0] * int(length) for length in random.integers(2, 250, 1500)]
    for seed in range(5):
        run = _Run(encoder, TuningTexts(tokens, np.ones((1500, 1), dtype=bool)), seed)
        assert [*run.epochs()] == [*range(EPOCHS)]
    assert min(rates) > 0


@pytest.mark.usefixtures("tuned")
def test_progress_counts_the_epochs_of_every_run(told):
    total = (FOLDS + 1) * EPOCHS
    assert [done for done, _ in told] == [*range(1, len(told) + 1)]
    assert {total} == {each for _, each in told}
    assert FOLDS * EPOCHS < len(told) <= total


def test_a_corpus_of_one_topic_alone_is_told_from_everyday_news(encoder, monkeypatch):
    monkeypatch.setattr(finetune, "EPOCHS", 1)
    monkeypatch.setattr(background, "SOURCES", ("page_furniture",))
    one = parse_taxonomy('[[topics]]\nid="grid"\nname="Grid"\ndescription="Power cuts."')
    corpus = Corpus(tuple(LabelledText(text=text, labels=("grid",)) for text in GRID))
    tuned = finetune_model(one, corpus, encoder)
    given = [each.topics for each in label_articles(tuned.model, tuned.encoder, ARTICLES)]
    assert given == [{"grid"}, set(), set()]


def test_a_corpus_smaller_than_the_folds_is_refused(taxonomy, encoder):
    with pytest.raises(InvalidCorpus, match="2 texts are too few"):
        finetune_model(taxonomy, Corpus(ROWS[:2]), encoder)
