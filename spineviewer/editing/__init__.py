"""Corrections by hand: a layer over the fused mask, which a new fusion keeps. numpy only."""
