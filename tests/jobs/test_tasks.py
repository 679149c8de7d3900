"""The tasks are known to their queues."""

from guinguette.config import Settings
from guinguette.jobs.tasks import Tasks


def test_every_periodic_task_is_known_to_its_queue(settings: Settings) -> None:
    """Reminders, options, doubts and the watch each minute, and what the privacy page promises each night."""
    tasks = Tasks(settings.queue_url)
    names = {type(task).__name__ for queue in tasks.queues for task in queue._registry.periodic_tasks}
    assert names == {
        "watch_runs_each_minute", "remind_each_minute", "lapse_each_minute", "reconcile_each_minute",
        "forget_each_night",
    }  # fmt: skip
    tasks.close()
