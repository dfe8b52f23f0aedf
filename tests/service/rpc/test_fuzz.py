import asyncio

import pytest
from google.protobuf.wrappers_pb2 import BytesValue, FloatValue, UInt64Value
from google.rpc.error_details_pb2 import ErrorInfo
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from topicwire.v1.stories_pb2 import WatchStoriesResponse

from service.rpc.services import SERVICES
from tests.fuzzing import BROKEN, ask, find_methods, fuzzed
from tests.messages import bodies, messages


@pytest.fixture(scope="module")
async def channel(model, tmp_path_factory):
    async with fuzzed(model, tmp_path_factory.mktemp("fuzzed")) as channel:
        yield channel


@pytest.mark.parametrize("method", find_methods(), ids=lambda method: method.name)
@examples(max_examples=50)
@given(drawn=st.data())
async def test_no_request_is_answered_as_if_it_broke_the_server(channel, method, drawn):
    sent = drawn.draw(st.lists(bodies(method.input_type), min_size=1, max_size=8))
    statuses = await asyncio.to_thread(ask, channel, method, sent)
    assert len(statuses) == len(sent)
    assert BROKEN.isdisjoint(statuses)


def test_the_methods_of_every_service_are_found():
    assert {method.containing_service.full_name for method in find_methods()} == {*SERVICES}


@pytest.mark.parametrize(
    "kind", [BytesValue, FloatValue, UInt64Value, ErrorInfo, WatchStoriesResponse]
)
@examples(max_examples=20)
@given(drawn=st.data())
def test_messages_with_fields_of_any_kind_are_drawn(kind, drawn):
    wire = drawn.draw(messages(kind.DESCRIPTOR)).SerializeToString(deterministic=True)
    assert kind.FromString(wire).SerializeToString(deterministic=True) == wire
