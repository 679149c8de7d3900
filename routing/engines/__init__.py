"""The engines: models and searches over a season. Only `solve` and `explain` drive them."""
