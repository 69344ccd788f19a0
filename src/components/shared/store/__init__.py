"""The object store: content-addressed, compressed by policy, verified on every read."""
