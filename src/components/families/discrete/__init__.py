"""Discrete semiconductors."""
