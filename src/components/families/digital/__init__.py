"""Logic, controllers, memories and interfaces."""
