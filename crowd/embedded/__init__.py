"""PostgreSQL and Redis out of Python packages, as `crowd.local` runs them for a machine that has neither."""
