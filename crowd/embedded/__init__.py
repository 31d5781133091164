"""PostgreSQL and Redis out of Python packages, as `crowd.embedded.servers` runs them for a machine that has neither."""
