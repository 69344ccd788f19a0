"""What no other family takes."""
