"""Keeps the model in use the one that the store calls current."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

import structlog

from service.labelling.live import LiveModel, ModelSlot, go_live
from service.labelling.opened import Opened
from service.metrics import tell_model
from service.settings import Settings
from training.encoder import Encoder
from training.errors import EncoderUnavailable, TopicwireError
from training.store import Store

log = structlog.get_logger(__name__)


class OpensModels(Protocol):
    """What `Opener` does."""

    store: Store

    def open(self, number: int) -> Opened:
        """The model of that number with its encoder."""

    def open_untuned(self, opened: Opened) -> Encoder | None:
        """What its encoder was before it was tuned, if it was."""


@dataclass(frozen=True)
class _Running:
    live: LiveModel
    stack: AsyncExitStack


class Rotation:
    """The models in memory: the current one, and a few that were asked for by name.

    A new model is loaded, checked and warmed before it takes the old one's place, and the old one
    goes when the calls that began with it have ended. While the context lasts, it looks for a newly
    promoted model every few seconds.
    """

    def __init__(self, slot: ModelSlot, opener: OpensModels, settings: Settings) -> None:
        self._slot = slot
        self._opener = opener
        self._settings = settings
        self._running: dict[int, _Running] = {}
        """By number, the least lately asked for first."""
        self._lock = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        self._refused = 0
        """The number of a model that was looked at and found bad."""

    async def __aenter__(self) -> "Rotation":
        await self.reload()
        self._slot.rotation = self
        self._watcher = asyncio.create_task(self._watch(), name="rotation")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watcher.cancel()
        await asyncio.gather(self._watcher, return_exceptions=True)
        self._slot.rotation = None
        for number in [*self._running]:
            self._end(number)
        await asyncio.gather(*self._ending)

    async def reload(self) -> int:
        """Answers with the current model of the store from now on; returns its number."""
        number = await asyncio.to_thread(self._opener.store.resolve, "current")
        await self._make_live(number)
        return number

    async def find(self, name: str) -> LiveModel:
        """The model of that number or alias; loaded first if it must be."""
        number = await asyncio.to_thread(self._opener.store.resolve, name)
        async with self._lock:
            running = await self._start(number)
            self._end_idle()
        return running.live

    async def promote(self, number: int) -> None:
        """Makes the model current, in the store and here; one that can't be loaded is refused."""
        async with self._lock:
            await self._start(await asyncio.to_thread(self._opener.store.resolve, number))
            await asyncio.to_thread(self._opener.store.promote, number)
        await self.reload()

    async def rollback(self) -> int:
        """Makes the model current that was so before; returns its number."""
        number = await asyncio.to_thread(self._opener.store.resolve, "previous")
        await self.promote(number)
        return number

    async def _make_live(self, number: int) -> None:
        async with self._lock:
            if self._slot.live is None or self._slot.live.number != number:
                self._slot.live = (await self._start(number)).live
                tell_model(number, self._slot.live.model.metrics)
                log.info("model in use", model=number)
                self._end_idle()

    async def _start(self, number: int) -> _Running:
        """The model, warm; of those in memory it is the one asked for last."""
        running = self._running.pop(number, None) or await self._open(number)
        self._running[number] = running
        return running

    async def _open(self, number: int) -> _Running:
        opened = await asyncio.to_thread(self._opener.open, number)
        untuned = await asyncio.to_thread(self._open_untuned, opened)
        stack = AsyncExitStack()
        live = await stack.enter_async_context(
            go_live(number, opened.model, opened.encoder, self._settings, untuned)
        )
        return _Running(live, stack)

    def _open_untuned(self, opened: Opened) -> Encoder | None:
        try:
            return self._opener.open_untuned(opened)
        except EncoderUnavailable as error:
            log.warning("clusters are made with the tuned encoder", reason=str(error))
            return None

    def _end_idle(self) -> None:
        """Of the models that are not in use but by name, the least lately asked for go."""
        live = self._slot.live
        others = [number for number in self._running if live is None or number != live.number]
        for number in others[: max(0, len(others) - self._settings.named_models)]:
            self._end(number)

    def _end(self, number: int) -> None:
        task = asyncio.create_task(self._running.pop(number).stack.aclose())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _watch(self) -> None:
        while self._settings.reload_seconds:
            await asyncio.sleep(self._settings.reload_seconds)
            try:
                await self._look()
            except TopicwireError as error:
                log.warning("the store can't be read; the model in use stays", reason=str(error))

    async def _look(self) -> None:
        number = await asyncio.to_thread(self._opener.store.resolve, "current")
        if number == self._refused:
            return
        try:
            await self._make_live(number)
            self._refused = 0
        except TopicwireError as error:
            self._refused = number
            log.error("model refused; the one in use stays", model=number, reason=str(error))
