"""What KiCad's own libraries call a part: its symbol, its footprint, its value as people write it.

The mapping is data: :mod:`components.kicad_names.tables`. It names nothing that is not certain: a
symbol whose pins stand in another order than the part's is a wrong board.
"""
