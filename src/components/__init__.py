"""Mirrors an electronics parts catalogue, builds validated snapshots of it, and serves them."""
