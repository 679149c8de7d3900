"""A published tour in, bytes out: maps, feeds, message texts. No queries, no Flask."""
