import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from service.errors import NotReady
from service.labelling import opening
from service.labelling.live import ModelSlot
from service.labelling.opened import Opened
from service.labelling.rotation import Rotation
from service.settings import Settings
from tests.fake_opener import FakeOpener
from tests.fakes import FakeEncoder
from tests.waiting import until
from training.article import Article
from training.errors import EncoderUnavailable, ModelNotFound, ModelRefused
from training.store import Store
from training.weights import DEFAULT_ENCODER, NEWS_ENCODER

OUTAGE = [Article(body="outage")]


@pytest.fixture
def rotating(model, encoder, tmp_path):
    """A rotation over a store of three models, the first of them current."""

    @asynccontextmanager
    async def start(**changes):
        store = Store(tmp_path / "models")
        for _ in range(3):
            store.publish(model)
        store.promote(1)
        slot, opener = ModelSlot(), FakeOpener(store, encoder)
        settings = Settings(**{"reload_seconds": 0, **changes})
        async with Rotation(slot, opener, settings) as rotation:
            yield SimpleNamespace(store=store, slot=slot, opener=opener, rotation=rotation)

    return start


async def test_a_newly_promoted_model_is_found_and_answers(rotating):
    async with rotating(reload_seconds=0.02) as running:
        assert running.slot.get().number == 1
        running.store.promote(2)
        await until(lambda: running.slot.get().number == 2)
        labellings, _ = await running.slot.get().label(OUTAGE)
    assert labellings[0].topics == {"grid"}


async def test_calls_under_way_are_answered_by_the_model_they_began_with(rotating, encoder):
    async with rotating() as running:
        before = running.slot.get()
        encoder.gate.clear()
        encoder.entered.clear()
        call = asyncio.create_task(before.label(OUTAGE))
        await asyncio.to_thread(encoder.entered.wait)
        running.store.promote(2)
        swap = asyncio.create_task(running.rotation.reload())
        await asyncio.sleep(0.05)
        assert running.slot.get() is before  # the new one is not warm yet
        encoder.gate.set()
        assert await swap == 2
        [labelling], _ = await call
    assert labelling.topics == {"grid"}


async def test_a_damaged_model_is_refused_once_and_the_one_in_use_stays(rotating):
    async with rotating(reload_seconds=0.02) as running:
        running.store.promote(2)
        (running.store.root / "2" / "taxonomy.toml").write_text("")
        await until(lambda: 2 in running.opener.opened)
        await asyncio.sleep(0.1)
        assert running.slot.get().number == 1
        assert running.opener.opened.count(2) <= 2  # it may have been whole at the first look
        running.store.promote(3)
        await until(lambda: running.slot.get().number == 3)


async def test_a_store_that_goes_away_and_comes_back_costs_nothing(rotating):
    async with rotating(reload_seconds=0.02) as running:
        away = running.store.root.rename(running.store.root.with_name("away"))
        await asyncio.sleep(0.1)
        assert running.slot.get().number == 1
        away.rename(running.store.root)
        running.store.promote(2)
        await until(lambda: running.slot.get().number == 2)


async def test_promoting_and_rolling_back_take_effect_at_once(rotating):
    async with rotating() as running:
        await running.rotation.promote(3)
        assert (running.slot.get().number, running.store.aliases()["current"]) == (3, 3)
        assert await running.rotation.rollback() == 1
        assert (running.slot.get().number, running.store.aliases()["previous"]) == (1, 3)


async def test_a_model_that_can_not_be_loaded_is_not_promoted(rotating):
    async with rotating() as running:
        (running.store.root / "2" / "heads.safetensors").unlink()
        with pytest.raises(ModelRefused):
            await running.rotation.promote(2)
        with pytest.raises(ModelNotFound):
            await running.rotation.promote(9)
        assert (running.slot.get().number, running.store.aliases()["current"]) == (1, 1)


async def test_a_model_is_found_by_name_and_few_are_kept(rotating):
    async with rotating(named_models=1) as running:
        assert (await running.slot.find("")).number == 1
        assert (await running.slot.find("2")).number == 2
        assert (await running.slot.find("2")).number == 2
        assert running.opener.opened == [1, 2]
        assert (await running.slot.find("3")).number == 3
        assert (await running.slot.find("2")).number == 2
        assert running.opener.opened == [1, 2, 3, 2]
        assert (await running.slot.find("current")).number == 1
        with pytest.raises(ModelNotFound):
            await running.slot.find("canary")


async def test_many_reloads_leave_nothing_behind(rotating):
    async with rotating(named_models=0) as running:
        tasks = len(asyncio.all_tasks())
        for at in range(100):
            await running.rotation.promote(2 + at % 2)
            await running.slot.get().label(OUTAGE)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
    with pytest.raises(NotReady):
        running.slot.get_rotation()


async def test_with_room_for_none_a_model_is_still_found_by_name(rotating):
    async with rotating(named_models=0) as running:
        live = await running.slot.find("2")
        labellings, _ = await live.label(OUTAGE)
    assert live.number == 2
    assert labellings[0].topics == {"grid"}


async def test_what_an_encoder_was_before_it_was_tuned_may_be_gone(rotating, monkeypatch):
    def gone(*_):
        raise EncoderUnavailable("it has gone")

    monkeypatch.setattr(FakeOpener, "open_untuned", gone)
    async with rotating() as running:
        live = running.slot.get()
    assert live.grouper.encoder is live.labeller.encoder


@pytest.fixture
def loads(monkeypatch):
    """The name, hash and leave for 8 bits of each encoder that is loaded."""
    loads = []

    def load(name, _precision, *, sha256=None, int8=True):
        loads.append((name, sha256, int8))
        return FakeEncoder()

    monkeypatch.setattr(opening, "load_encoder", load)
    return loads


def test_an_encoder_is_opened_once_for_all_models(model, tmp_path, loads):
    store = Store(tmp_path)
    for _ in range(2):
        store.publish(model)
    opener = opening.Opener(store, Settings().precision)
    one, two = opener.open(1), opener.open(2)
    assert one.encoder is two.encoder
    assert loads == [("fake", "0" * 64, True)]
    assert opener.open_untuned(one) is None


def test_what_groups_articles_is_not_in_8_bits_unless_told(model, tmp_path, loads):
    tuned = replace(model.manifest.encoder, name=NEWS_ENCODER)
    manifest = model.manifest.model_copy(update={"encoder": tuned})
    opener = opening.Opener(Store(tmp_path), Settings().precision)
    opener.open_untuned(Opened(1, replace(model, manifest=manifest), FakeEncoder()))
    assert loads == [(DEFAULT_ENCODER, None, False)]
