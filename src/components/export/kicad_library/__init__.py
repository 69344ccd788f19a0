"""A snapshot's parts as one folder that KiCad takes as it is: symbols, footprints, 3D models."""
