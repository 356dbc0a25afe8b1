"""Measurements of the vertebrae: heights, fracture grade, density, discs, slips and curves.

The modules::

    results       measured values, each with the points where it was measured
    grading       ratios and fracture grades, computed from heights alone
    deformities   deformities shown by a body's own heights
    expected      heights expected from the neighbours
    same_levels   whether the names in two scans refer to the same vertebrae
    fields        the bone of one vertebra as fractions of voxels
    surfaces      endplates and walls of one body from its voxels
    edges         endplates moved to the edges in the CT
    bodies        the measurements of one vertebra
    discs         heights of discs, and slips
    curves        angles between endplates
    density       trabecular HU, contrast phase, and the statement about density
    measure       all measurements of a scan
    table         rows for CSV and JSON

Every measured value includes its points in LPS mm (`Caliper`, `Roi`), so that a window can draw
them. When a user drags a point, `measure.with_vertebra`, `with_disc` and `with_curve` recompute
everything that depends on it.
"""
