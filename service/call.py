"""A call over gRPC, as metrics and traces see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Call:
    """One call, from its start to its end."""

    kind: str
    """`unary`, `server_stream` or `bidi_stream`."""
    method: str
    """Such as `/topicwire.v1.StoryService/GetStory`."""
    request_id: str = ""
    metadata: Mapping[str, str | bytes] = field(default_factory=dict)
    """What came with it."""
    code: str = "OK"
    """The name of the gRPC status that it ends with."""
