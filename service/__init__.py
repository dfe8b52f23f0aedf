"""Uses trained models: labels and clusters articles, in process and over gRPC."""
