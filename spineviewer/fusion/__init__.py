"""Late fusion of both networks' outputs: planes, the whole mask, and maps on the scan's grid."""

from spineviewer.fusion.extended_attention import ExtendedAttention
from spineviewer.fusion.fusion import Fusion
from spineviewer.fusion.islands import Islands, find_islands
from spineviewer.fusion.operators import attention_shape

__all__ = ["ExtendedAttention", "Fusion", "Islands", "attention_shape", "find_islands"]
