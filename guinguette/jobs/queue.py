"""The queue, built from a URL, and the ``Jobs`` port on it."""


class QueuedJobs:
    """``adapters.ports.Jobs`` on huey."""

    def __init__(self, url: str) -> None:
        self._url = url

    def solve(self, run_id: int) -> None:
        """Ask a worker to run the solver."""

    def send_due(self) -> None:
        """Ask a worker to send what is due."""
