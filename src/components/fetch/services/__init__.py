"""One module a service that artifacts come from."""
