"""Switches and relays."""
