"""STEP models as GLB."""
