"""EasyEDA symbols as KiCad symbols."""
