"""Archives in the window: the page for searching and retrieving, the settings, and sending."""
