"""The configuration: a module a section; :mod:`components.config.load` reads the whole."""
