"""Manual corrections: a layer over the fused mask that survives a new fusion; numpy only."""
