"""How a command says no."""


class RefusalError(Exception):
    """The answer is no: one French sentence for standard error, exit code 1."""
