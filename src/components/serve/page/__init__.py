"""The page for people: HTML from templates over the same modules that the JSON routes use.

``routes`` has the addresses; each view is a module that gives a :class:`~.view.View`; ``pages``
turns that into HTML, a part of it for scripts, or JSON. ``templates`` hold all markup and
``static`` all scripts and styles, which come from nowhere else.
"""
