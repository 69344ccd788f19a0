"""CAD answers: reading them, geometry, and what is made of them."""
