"""Named vertebrae and their measurements in the window."""
