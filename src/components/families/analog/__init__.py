"""Amplifiers, comparators, converters and analog switches."""
