"""The object store: artifacts by the SHA-256 of their bytes, compressed by a policy."""
