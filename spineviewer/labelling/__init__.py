"""Separation of the spine mask into vertebrae, and their names.

The main steps, each in its own module::

    axis              the line through the vertebral bodies
    straightened      probability, mask and HU resampled along that line
    disc_evidence     where along the line a disc interrupts the bone
    disc_planes       the position and tilt of a disc, fitted to the bone around it
    cues              the surroundings of a level: ribs, skull and sacrum
    separation        the cuts between bodies: a semi-Markov chain over positions
    chain             the names: a Markov chain over bodies, with probabilities
    misorientation    signs that the file states a wrong orientation
    partition         the vertebra to which each voxel of the mask belongs
    naming            all steps together
    name_corrections  what a user may change afterwards

All fitted parameters are in one file, which `priors` loads.
"""
