"""Answers which models the store holds."""

import asyncio

from topicwire.v1 import models_pb2 as pb
from topicwire.v1 import models_pb2_grpc

from service.errors import InvalidRequest, Violation
from service.labelling.live import ModelSlot
from service.rpc.converters import to_model
from service.rpc.interceptors import Context
from service.rpc.paging import page
from service.rpc.requests import read_positive
from training.errors import ModelRefused
from training.store import ALIASES, Store


class ModelServicer(models_pb2_grpc.ModelServiceServicer):
    """Reads the store afresh at each call."""

    def __init__(self, slot: ModelSlot, store: Store) -> None:
        self._slot = slot
        self._store = store

    async def ListModels(  # noqa: N802 - named by the .proto file
        self, request: pb.ListModelsRequest, _context: Context
    ) -> pb.ListModelsResponse:
        """Lists the models of the store, newest first."""
        return await asyncio.to_thread(self._list, request)

    async def GetModel(  # noqa: N802
        self, request: pb.GetModelRequest, _context: Context
    ) -> pb.GetModelResponse:
        """Describes one model."""
        return await asyncio.to_thread(self._get, request)

    async def PromoteModel(  # noqa: N802
        self, request: pb.PromoteModelRequest, _context: Context
    ) -> pb.PromoteModelResponse:
        """Makes one model the current one."""
        number = read_positive(request.number)
        await self._slot.get_rotation().promote(number)
        return pb.PromoteModelResponse(model=await self._describe_current())

    async def RollbackModel(  # noqa: N802
        self, _request: pb.RollbackModelRequest, _context: Context
    ) -> pb.RollbackModelResponse:
        """Goes back to the model before."""
        await self._slot.get_rotation().rollback()
        return pb.RollbackModelResponse(model=await self._describe_current())

    async def _describe_current(self) -> pb.Model:
        return await asyncio.to_thread(self._describe, self._slot.get().number)

    def _list(self, request: pb.ListModelsRequest) -> pb.ListModelsResponse:
        newest_first = self._store.numbers()[::-1]
        shown, token = page(newest_first, str, request.page_size, request.page_token)
        models = [model for number in shown if (model := self._describe_sound(number))]
        return pb.ListModelsResponse(models=models, next_page_token=token)

    def _get(self, request: pb.GetModelRequest) -> pb.GetModelResponse:
        return pb.GetModelResponse(model=self._describe(self._resolve(request)))

    def _resolve(self, request: pb.GetModelRequest) -> int:
        match request.WhichOneof("model"):
            case "number":
                return self._store.resolve(read_positive(request.number))
            case "alias" if request.alias in ALIASES:
                return self._store.resolve(request.alias)
            case "alias":
                raise InvalidRequest([Violation("alias", f"must be one of {', '.join(ALIASES)}")])
            case _:
                return self._slot.get().number

    def _describe_sound(self, number: int) -> pb.Model | None:
        """The model, or nothing if its folder is damaged: the others are listed all the same."""
        try:
            return self._describe(number)
        except ModelRefused:
            return None

    def _describe(self, number: int) -> pb.Model:
        model = self._store.load(number)
        aliases = [alias for alias, at in self._store.aliases().items() if at == number]
        live = self._slot.live if self._slot.live and self._slot.live.number == number else None
        return to_model(number, model, aliases, live)
