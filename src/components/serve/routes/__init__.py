"""What the server answers, a module a group of routes."""
