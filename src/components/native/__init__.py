"""The compiled library: building, loading and calling it. No other room knows it."""
