"""What an operator runs: plan, apply, status, verify, reproduce."""
