"""Archives in the window: the page that searches and retrieves, the settings, and sending."""
