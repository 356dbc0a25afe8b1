"""Separates the spine mask into vertebrae and names them.

The steps, each in a module of its own::

    axis          the line through the vertebral bodies
    straightened  probability, mask and HU resampled along that line
    discs         where along the line a disc interrupts the bone
    cues          what lies around a level: ribs, skull, sacrum, the shape of its processes
    separation    the cuts between bodies: a semi-Markov chain over positions
    chain         the names: a Markov chain over bodies, with probabilities
    partition     which vertebra each voxel of the mask belongs to
    naming        all of it together
    corrections   what a person may change afterwards

Everything that was fitted to data is in one file, which `priors` loads.
"""
