"""Seals snapshots and swaps ``current``."""
