"""A program that is run for its sizes: what it decides of them, and the paths it takes."""
