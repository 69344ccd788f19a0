"""What everything else stands on: errors, files, places, databases, sums, locks."""
