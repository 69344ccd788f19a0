"""Stage 1: mirrors every artifact losslessly into the object store."""
