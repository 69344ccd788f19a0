"""HTTP to strangers: addresses, limits, rates, answers."""
