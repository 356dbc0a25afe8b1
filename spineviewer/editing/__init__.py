"""Manual corrections: a layer over the fused mask that is kept when the mask is computed again."""
