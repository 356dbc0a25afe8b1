"""Measure the vertebrae: heights, fracture grade, density, discs, slips and curves.

The modules, from the result upwards::

    results       what was measured, each number with the points where it was taken
    grading       ratios, expected heights and fracture grade from heights alone
    surfaces      endplates and walls of one body from its voxels
    bodies        the numbers of one vertebra
    discs         heights of discs, and slips
    curves        angles between endplates
    density       trabecular HU, contrast phase, and what may be said about density
    measure       all of it for a scan
    table         rows for CSV and JSON

Every number keeps its points in LPS mm (`Caliper`, `Roi`), so that a window can draw them. When a
user drags a point, `measure.with_vertebra`, `with_disc` and `with_curve` compute everything that
depends on it again.
"""
