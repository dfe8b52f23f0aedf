"""Strategies for messages of any type, read off their descriptors: plausible, odd and broken."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

INT32, INT64 = 2**31, 2**63

WORDS = ("blackout", "minister", "treaty", "grid", "football", "dam", "broke", "1,000", "U.S.")
NAMES = ("", "1", "2", "3", "99", "a1", "a2", "grid", "current")
"""Ids of articles, and tokens as a server hands them out."""

TOPICS = ("grid", "talks", "diplomacy", "arms_production")

ODD_TEXTS = (
    "\0",
    "a\0b",
    " \t\u3000",
    "\ufeff\u202e\u200d",
    "e" + "\u0301" * 50,
    "👩\u200d👩\u200d👧. 🏴\U000e0067\U000e007f",
    "\U0010ffff\ufffe",
    "%s{}'\";--\\",
    "../../etc/passwd",
    "²³¹",
    "-1",
    "9" * 18,
    "9" * 19,
    "9" * 300,
    "9" * 5000,
    "x" * 257,
    "y" * 2049,
    "A. " * 400,
    "word " * 400,
    "line\n" * 200,
)

any_text = st.sampled_from(ODD_TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=30
)
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@st.composite
def _mostly(draw: st.DrawFn, plausible: Strategy, odd: Strategy) -> Any:
    return draw(odd if draw(st.integers(0, 9)) == 9 else plausible)


def _one_of(*plausible: str) -> Strategy:
    return _mostly(st.sampled_from(plausible), any_text)


timestamps = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 31), timezones=st.just(UTC)).map(
    lambda time: Timestamp(seconds=int(time.timestamp()))
)


def _integers(low: int, high: int) -> Strategy:
    odd = st.sampled_from([low, high, 1000, 1001]) | st.integers(low, high)
    return _mostly(st.integers(max(low, -1), 5), odd)


NUMBERS: dict[int, Strategy] = {
    FieldDescriptor.CPPTYPE_INT32: _integers(-INT32, INT32 - 1),
    FieldDescriptor.CPPTYPE_INT64: _integers(-INT64, INT64 - 1),
    FieldDescriptor.CPPTYPE_UINT32: _integers(0, 2 * INT32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: _integers(0, 2 * INT64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(0, 1) | st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(0, 1, width=32) | st.floats(width=32),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_ENUM: _integers(-INT32, INT32 - 1),
}
"""Of enums any number may come, known or not."""

NAMED = {
    **dict.fromkeys(["title", "body", "text"], _mostly(sentences, any_text)),
    **dict.fromkeys(["topic_id", "topic_ids"], _one_of(*TOPICS)),
    "language": _one_of("en", "uk-UA", "zh-Hant"),
    "model": _one_of("", "1", "2", "current", "previous", "canary"),
    "alias": _one_of("current", "previous", "canary"),
}
"""Texts by the name of their field; the others hold names."""


def messages(descriptor: Descriptor) -> st.SearchStrategy[Message]:
    """Any message of that type; of a oneof the field that is set last counts."""
    kind = GetMessageClass(descriptor)
    fields = {field.name: _values(field) for field in descriptor.fields}
    built = _filled(fields).map(lambda values: kind(**values))
    return _mostly(timestamps, built) if kind is Timestamp else built


def bodies(descriptor: Descriptor) -> st.SearchStrategy[bytes]:
    """What may come as a message of that type: mostly one, else any bytes."""
    sent = messages(descriptor).map(lambda message: message.SerializeToString())
    return _mostly(sent, st.binary(max_size=40))


@st.composite
def _filled(draw: st.DrawFn, fields: Mapping[str, Strategy]) -> dict[str, Any]:
    """Three quarters of the fields."""
    return {name: draw(value) for name, value in fields.items() if draw(st.integers(0, 3))}


def _values(field: FieldDescriptor) -> Strategy:
    if not field.is_repeated:
        return _value(field)
    entry = field.message_type
    if entry and entry.GetOptions().map_entry:
        key, value = entry.fields
        return st.dictionaries(_value(key), _value(value), max_size=3)
    few = st.lists(_value(field), max_size=4)
    many = st.integers(0, 19).map(lambda share: 80 if share == 19 else 1)
    return st.builds(lambda values, times: values * times, few, many)


def _value(field: FieldDescriptor) -> Strategy:
    if (nested := field.message_type) is not None:
        return st.deferred(lambda: messages(nested))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=20)
    if field.type == FieldDescriptor.TYPE_STRING:
        return NAMED.get(field.name, _one_of(*NAMES))
    return NUMBERS[field.cpp_type]
