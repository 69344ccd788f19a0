"""Passive parts."""
