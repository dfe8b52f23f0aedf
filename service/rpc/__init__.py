"""The gRPC face of the service: the only place that knows the wire format."""
