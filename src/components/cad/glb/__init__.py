"""STEP models as GLB, and the boxes that they fill."""
