import asyncio
from contextlib import asynccontextmanager
from contextvars import copy_context
from time import monotonic

import numpy as np
import pytest

from service.errors import EncodingFailed, Overloaded
from service.labelling.batcher import Batcher
from service.labelling.limits import Limits
from service.labelling.turns import CALLER, Caller
from tests.fakes import POISON, FakeEncoder
from tests.waiting import until, wait_until
from training.encoder import encode_texts

tokens = FakeEncoder().tokenize


@asynccontextmanager
async def busy(encoder, **limits):
    """A batcher whose encoder has begun a call that does not end before the gate opens."""
    async with Batcher(encoder, Limits(**limits)) as batcher:
        await batcher.encode(tokens(["this says how fast the encoder is"]))
        encoder.calls.clear()
        encoder.entered.clear()
        encoder.gate.clear()
        first = asyncio.create_task(batcher.encode(tokens(["first"])))
        await asyncio.to_thread(encoder.entered.wait)
        yield batcher
        encoder.gate.set()
        await first


async def queued(batcher, *groups):
    """Tasks of callers whose texts are waiting for the encoder."""
    tasks = [asyncio.create_task(batcher.encode(tokens(texts))) for texts in groups]
    await until(lambda: batcher.waiting >= sum(map(len, groups)))
    return tasks


def call_as(caller, batcher, *texts):
    """A task of one caller's call."""
    context = copy_context()
    context.run(CALLER.set, caller)
    return asyncio.create_task(batcher.encode(tokens(texts)), context=context)


async def test_two_lanes_share_what_waits_and_are_busy_at_once():
    encoder = FakeEncoder(lanes=2)
    encoder.gate.clear()
    async with Batcher(encoder, Limits()) as batcher:
        texts = tokens([f"{word} " * 40 for word in "abcdefgh"])
        call = asyncio.create_task(batcher.encode(texts))
        await asyncio.to_thread(encoder.entered.wait)
        await until(lambda: batcher.waiting == 0)
        assert len(encoder.prepared) == 2
        encoder.gate.set()
        answer = await call
    assert encoder.calls == [4, 4]
    np.testing.assert_array_equal(answer.embeddings, FakeEncoder().encode_batch(texts))


async def test_a_lane_takes_its_next_texts_while_the_event_loop_is_busy(encoder):
    async with busy(encoder, token_budget=3) as batcher:
        tasks = await queued(batcher, ["a"], ["b"])
        encoder.gate.set()
        wait_until(lambda: encoder.calls == [1, 1, 1])  # which blocks the event loop
        await asyncio.gather(*tasks)


async def test_each_caller_gets_the_embeddings_of_its_texts(encoder):
    groups = [[f"word{at}"] * (1 + at % 3) for at in range(20)]
    async with Batcher(encoder, Limits()) as batcher:
        answers = await asyncio.gather(*(batcher.encode(tokens(texts)) for texts in groups))
    for texts, answer in zip(groups, answers, strict=True):
        np.testing.assert_array_equal(answer.embeddings, encode_texts(FakeEncoder(), texts))


async def test_waiting_texts_share_a_call(encoder):
    async with busy(encoder) as batcher:
        tasks = await queued(batcher, ["a"], ["b", "c"], ["d"])
        encoder.gate.set()
        await asyncio.gather(*tasks)
    assert encoder.calls == [1, 4]


async def test_a_call_stays_within_the_token_budget(encoder):
    async with busy(encoder, token_budget=64) as batcher:
        tasks = await queued(batcher, ["a b c"] * 20)
        encoder.gate.set()
        await asyncio.gather(*tasks)
    assert encoder.calls == [1, 8, 8, 4]


async def test_a_caller_of_many_texts_keeps_no_other_waiting(encoder, monkeypatch):
    batches, encode = [], encoder.encode_batch

    def note(batch):
        batches.append(batch)
        return encode(batch)

    monkeypatch.setattr(encoder, "encode_batch", note)
    async with busy(encoder, token_budget=64) as batcher:
        many = call_as(Caller(), batcher, *["a b c"] * 600)
        await until(lambda: batcher.waiting >= 600)
        one = call_as(Caller(), batcher, "d e f")
        await until(lambda: batcher.waiting >= 601)
        encoder.gate.set()
        await asyncio.gather(many, one)
    [other] = tokens(["d e f"])
    assert next(at for at, batch in enumerate(batches) if other in batch) < 25  # of 77
    assert sum(encoder.calls) == 602


async def test_callers_of_two_texts_each_keep_no_text_of_another_waiting_for_ever(encoder):
    async with Batcher(encoder, Limits(token_budget=30)) as batcher:

        async def call(at):
            context_of_a_call = CALLER.set(Caller())
            for _ in range(20):
                await batcher.encode(tokens(["a b c", f"a b c d e f g h {at}"]))
            CALLER.reset(context_of_a_call)
            return len(encoder.calls)

        ended = await asyncio.gather(*(call(at) for at in range(16)))
    assert min(ended) > 0.7 * max(ended)


async def test_the_longest_waiting_text_goes_first_whatever_its_length(encoder):
    async with busy(encoder, token_budget=30) as batcher:
        [long] = await queued(batcher, ["long " * 20])
        short = await queued(batcher, *[["a"]] * 30)
        encoder.gate.set()
        await asyncio.wait([long, *short], return_when=asyncio.FIRST_COMPLETED)
        assert long.done()
        await asyncio.gather(*short)


async def test_a_cancelled_caller_does_not_hurt_its_batch(encoder):
    async with busy(encoder) as batcher:
        leaving, staying = await queued(batcher, ["a"], ["b"])
        leaving.cancel()
        encoder.gate.set()
        assert (await staying).embeddings.shape == (1, 512)
        await asyncio.wait([leaving])
        assert leaving.cancelled()


async def test_the_texts_of_a_cancelled_caller_are_not_encoded(encoder):
    async with busy(encoder) as batcher:
        leaving, staying = await queued(batcher, ["a", "b", "c"], ["d"])
        leaving.cancel()
        await asyncio.wait([leaving])
        encoder.gate.set()
        await staying
    assert encoder.calls == [1, 1]


async def test_a_model_error_reaches_its_callers_and_no_one_else(encoder):
    async with busy(encoder) as batcher:
        bad, good = await queued(batcher, ["fine", POISON], ["b"])
        encoder.gate.set()
        with pytest.raises(EncodingFailed):
            await bad
        assert (await good).embeddings.shape == (1, 512)


async def test_a_model_error_does_not_stop_later_calls(encoder):
    async with Batcher(encoder, Limits()) as batcher:
        for _ in range(3):
            with pytest.raises(EncodingFailed):
                await batcher.encode(tokens([POISON]))
        assert (await batcher.encode(tokens(["fine"]))).embeddings.shape == (1, 512)


async def test_a_model_that_answers_for_too_few_texts_hangs_no_one(encoder, monkeypatch):
    whole = encoder.encode_batch
    monkeypatch.setattr(encoder, "encode_batch", lambda batch: whole(batch)[1:])
    async with Batcher(encoder, Limits()) as batcher:
        with pytest.raises(EncodingFailed):
            await batcher.encode(tokens(["a"]))
        monkeypatch.setattr(encoder, "encode_batch", whole)
        assert (await batcher.encode(tokens(["a"]))).embeddings.shape == (1, 512)


async def test_a_full_queue_refuses_at_once_and_takes_again_later(encoder):
    async with busy(encoder, queue_limit=3) as batcher:
        tasks = await queued(batcher, ["a", "b"])
        with pytest.raises(Overloaded, match="2 passages are waiting") as caught:
            await batcher.encode(tokens(["c", "d"]))
        assert caught.value.retry_after > 0
        tasks.append(asyncio.create_task(batcher.encode(tokens(["c"]))))
        await until(lambda: batcher.waiting >= 3)
        encoder.gate.set()
        await asyncio.gather(*tasks)
        assert (await batcher.encode(tokens(["c", "d"]))).embeddings.shape == (2, 512)


async def test_a_stream_waits_for_room_and_leaves_half_of_the_queue_to_others(encoder):
    async with busy(encoder, queue_limit=4) as batcher:
        stream = Caller(streams=True)
        calls = [call_as(stream, batcher, "a", "b") for _ in range(10)]
        await until(lambda: batcher.waiting >= 2)
        await asyncio.sleep(0.01)
        assert batcher.waiting == 2
        calls += await queued(batcher, ["c", "d"])
        encoder.gate.set()
        answers = await asyncio.gather(*calls)
    assert all(len(answer.embeddings) == 2 for answer in answers)


async def test_a_caller_who_would_leave_before_its_turn_is_refused_at_once(encoder):
    async with busy(encoder) as batcher:
        tasks = await queued(batcher, ["word " * 40] * 100)
        token = CALLER.set(Caller(leaves_at=monotonic()))
        with pytest.raises(Overloaded, match="seconds behind"), batcher.admitted(1):
            pass
        CALLER.reset(token)
        with batcher.admitted(1):
            encoder.gate.set()
        await asyncio.gather(*tasks)


async def test_nobody_is_admitted_to_a_queue_that_is_longer_than_the_limit(encoder):
    async with busy(encoder, queue_seconds=1e-9) as batcher:
        tasks = await queued(batcher, ["waiting"])
        with pytest.raises(Overloaded, match="seconds behind") as caught, batcher.admitted(1):
            pass
        assert caught.value.retry_after >= 1
        token = CALLER.set(Caller(streams=True))
        with batcher.admitted(1):
            CALLER.reset(token)
        encoder.gate.set()
        await asyncio.gather(*tasks)


async def test_texts_that_are_still_being_tokenized_are_waited_for_too(encoder):
    async with busy(encoder, queue_seconds=1e-9) as batcher:
        raises = pytest.raises(Overloaded, match="seconds behind")
        with batcher.admitted(1), raises, batcher.admitted(1):
            pass
        with batcher.admitted(1):
            encoder.gate.set()


async def test_the_answer_says_where_the_time_went(encoder):
    async with busy(encoder) as batcher:
        [task] = await queued(batcher, ["a"])
        await asyncio.sleep(0.05)
        encoder.gate.set()
        answer = await task
    assert answer.queue_seconds >= 0.05
    assert 0 < answer.encode_seconds < answer.queue_seconds


async def test_no_texts_need_no_encoder(encoder):
    async with Batcher(encoder, Limits()) as batcher:
        assert (await batcher.encode(tokens([]))).embeddings.shape == (0, 512)
    assert encoder.calls == []


async def test_a_window_sorted_by_length_pads_little(encoder):
    texts = ["word " * (1 + at * 7 % 160) for at in range(500)]
    async with busy(encoder, token_budget=1600) as batcher:
        tasks = await queued(batcher, *([text] for text in texts))
        encoder.padded_tokens = 0
        encoder.gate.set()
        await asyncio.gather(*tasks)
    used = sum(map(len, encoder.tokenize(texts)))
    assert encoder.padded_tokens < 1.15 * used


async def test_callers_left_at_the_end_are_cancelled_not_kept_waiting(encoder):
    batcher = Batcher(encoder, Limits())
    await batcher.__aenter__()
    encoder.gate.clear()
    first = asyncio.create_task(batcher.encode(tokens(["first"])))
    await asyncio.to_thread(encoder.entered.wait)
    [left] = await queued(batcher, ["left"])
    encoder.gate.set()
    await batcher.__aexit__()
    await asyncio.wait([first, left], timeout=5)
    assert left.cancelled()
    assert first.done()
