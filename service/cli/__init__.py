"""The `topicwire` command, one module for each of its commands."""
