"""Oscillators, resonators and clock chips."""
