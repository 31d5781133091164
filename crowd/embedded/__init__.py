"""PostgreSQL and Redis from Python packages, as `crowd.embedded.servers` runs them for a machine that has neither."""
