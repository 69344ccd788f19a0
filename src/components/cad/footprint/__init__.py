"""Converts EasyEDA footprints to KiCad, and draws them."""
