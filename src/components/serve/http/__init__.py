"""The connection side of the server: framing, dispatch, keys, metrics, workers."""
