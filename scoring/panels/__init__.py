"""Who reviews what: the choice that panels are formed by, and the optimal assignment of reviewers to proposals."""
