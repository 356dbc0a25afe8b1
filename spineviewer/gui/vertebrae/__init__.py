"""Named vertebrae: their list, and commands to show and rename them."""
