import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.errors import ModelNotFound, ModelRefused, StoreUnusable
from training.manifest import FORMAT
from training.model import load_model, save_model
from training.store import Store

FILES = ("manifest.json", "heads.safetensors", "taxonomy.toml", "metrics.json")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "models")


@pytest.fixture
def folder(model, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    save_model(model, folder)
    return folder


def test_a_model_survives_its_folder(model, folder):
    loaded = load_model(folder)
    assert loaded.taxonomy == model.taxonomy
    assert loaded.metrics == model.metrics
    np.testing.assert_array_equal(loaded.heads.coefficients, model.heads.coefficients)
    np.testing.assert_array_equal(loaded.heads.intercepts, model.heads.intercepts)
    np.testing.assert_array_equal(loaded.heads.thresholds, model.heads.thresholds)
    assert loaded.manifest.model_copy(update={"files": {}}) == model.manifest


@pytest.mark.parametrize("name", FILES)
def test_a_folder_with_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelRefused, match=rf"{name}: No such file"):
        load_model(folder)


@pytest.mark.parametrize("name", FILES[1:])
def test_a_folder_with_a_changed_file_is_refused(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelRefused, match=rf"{name}: does not match the SHA-256"):
        load_model(folder)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": FORMAT + 1}, f"format {FORMAT + 1}, but this Topicwire reads 1 and 2"),
        ({"topics": ["talks", "grid"]}, "do not match the manifest"),
        ({"thresholds": [0.5]}, "do not match the manifest"),
        ({"thresholds": [0.5, 1.5]}, "thresholds.1: Input should be less"),
        ({"passage_tokens": 0}, "passage_tokens: Input should be greater"),
        ({"more": 1}, "more: Extra inputs are not permitted"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(folder, changes, complaint):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(ModelRefused, match=complaint):
        load_model(folder)


def test_heads_that_are_no_numbers_are_refused(model, tmp_path):
    heads = replace(model.heads, intercepts=np.full(2, np.nan, dtype=np.float32))
    save_model(replace(model, heads=heads), tmp_path)
    with pytest.raises(ModelRefused, match="values that are no numbers"):
        load_model(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00"])
def test_a_manifest_that_is_no_manifest_is_refused(folder, content):
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ModelRefused):
        load_model(folder)


def test_a_folder_of_format_1_is_still_read(request):
    golden = load_model(request.path.parents[1] / "golden" / "model-1")
    assert golden.taxonomy.ids == ("grid", "talks")
    assert golden.manifest.created_at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert golden.heads.thresholds.tolist() == [0.25, 0.5]
    assert golden.heads.coefficients.tolist() == [[1, 0, -1], [0.5, 0.25, 0]]


def test_models_are_numbered_from_1_and_sorted_as_numbers(store, model):
    assert [store.publish(model) for _ in range(11)] == [*range(1, 12)]
    assert store.numbers() == [*range(1, 12)]
    assert store.load(10).taxonomy == model.taxonomy


def test_publishers_at_the_same_time_get_numbers_of_their_own(store, model):
    with ThreadPoolExecutor(8) as pool:
        numbers = [*pool.map(lambda _: store.publish(model), range(16))]
    assert sorted(numbers) == store.numbers() == [*range(1, 17)]


def test_a_failed_publish_leaves_nothing_behind(store, model, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.store.save_model", fail)
    with pytest.raises(StoreUnusable, match="No space left"):
        store.publish(model)
    assert [*store.root.iterdir()] == []


def test_folders_that_are_no_models_are_not_numbers(store, model):
    store.publish(model)
    for name in (".incoming-x", "notes", "１"):
        (store.root / name).mkdir()
    assert store.numbers() == [1]


def test_a_damaged_model_is_not_promoted_and_the_current_one_stays(store, model):
    store.promote(store.publish(model))
    broken = store.publish(model)
    (store.root / str(broken) / "taxonomy.toml").write_text("")
    with pytest.raises(ModelRefused):
        store.promote(broken)
    assert store.resolve("current") == 1


def test_unknown_models_are_not_found(store, model):
    with pytest.raises(ModelNotFound, match="no model 'current'"):
        store.resolve()
    store.publish(model)
    for name in ("2", "0", "9" * 300, "9" * 5000, "latest", "../1", ""):
        with pytest.raises(ModelNotFound):
            store.resolve(name)
    with pytest.raises(ModelNotFound, match="no model 'previous'"):
        store.rollback()


def test_a_store_that_is_a_file_is_one_line(tmp_path, model):
    (tmp_path / "models").write_text("")
    with pytest.raises(StoreUnusable, match="models: "):
        Store(tmp_path / "models").publish(model)


def test_aliases_that_are_not_aliases_are_one_line(store, model):
    store.publish(model)
    (store.root / "aliases.json").write_text("[1]")
    assert store.resolve(1) == 1
    with pytest.raises(StoreUnusable, match="not a table of aliases"):
        store.resolve()


@given(st.lists(st.sampled_from([1, 2, 3, "rollback"]), max_size=12))
@settings(deadline=None, max_examples=30)
def test_current_and_previous_follow_every_promotion_and_rollback(three_models, moves):
    three_models.forget_aliases()
    current = previous = None
    for move in moves:
        if move != "rollback":
            three_models.store.promote(move)
            if move != current:
                current, previous = move, current
        elif previous is not None:
            assert three_models.store.rollback() == previous
            current, previous = previous, current
    expected = {"current": current, "previous": previous}
    assert three_models.store.aliases() == {k: v for k, v in expected.items() if v is not None}


class ThreeModels:
    def __init__(self, store, model):
        self.store = store
        for _ in range(3):
            store.publish(model)

    def forget_aliases(self):
        (self.store.root / "aliases.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def three_models(model, tmp_path_factory):
    return ThreeModels(Store(tmp_path_factory.mktemp("models")), model)
