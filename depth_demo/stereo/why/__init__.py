"""Why matching fails at a pixel."""
