"""A call over gRPC, as metrics see it."""

from dataclasses import dataclass


@dataclass
class Call:
    """One call, from its start to its end."""

    kind: str
    """`unary`, `server_stream` or `bidi_stream`."""
    method: str
    """Such as `/topicwire.v1.StoryService/GetStory`."""
    code: str = "OK"
    """The name of the gRPC status that it ends with."""
