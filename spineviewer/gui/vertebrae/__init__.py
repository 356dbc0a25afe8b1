"""Named vertebrae: their list, and commands that look at them and correct their names."""
