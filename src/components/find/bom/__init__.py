"""Bills of materials: read, matched against a snapshot, written."""
