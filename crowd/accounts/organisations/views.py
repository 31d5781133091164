"""Pages of organisations and their members."""
