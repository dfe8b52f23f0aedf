"""The `topicwire` command, one module for each of its commands."""

import os

# gRPC reads this when it is imported; what it would log besides, our errors say in one line.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
