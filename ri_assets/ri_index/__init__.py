"""The RI Index: what people and applications ask of published snapshots.

>>> from ri_assets.ri_index import RIIndex
"""

from ri_assets.ri_index.index import RIIndex

__all__ = ["RIIndex"]
