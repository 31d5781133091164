"""Pages of an industry and of a region: its challenges, organisations, people and results. Read only, for everybody."""
