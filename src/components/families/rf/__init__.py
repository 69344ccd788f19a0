"""Radio: chips, modules, filters, connectors."""
