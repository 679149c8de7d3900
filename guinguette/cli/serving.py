"""``serve`` and ``worker``: the web and the jobs, in one process tree or on as many machines as wanted."""

import os
import socket
import sys
from functools import partial

import click
from huey import Huey
from huey.consumer import Consumer

from guinguette.cli import web_server
from guinguette.cli.desk import desk
from guinguette.cli.processes import Part, run_together
from guinguette.cli.refusal import RefusalError
from guinguette.config import Settings
from guinguette.jobs.queue import MESSAGES, PARTS, PLANNING
from guinguette.jobs.tasks import Tasks, build_bench

_WORKER_STOPS_WITHIN_SECONDS = 2
_QUEUES = (PLANNING, PARTS, MESSAGES)
_MOST_PART_WORKERS = 8
_NICE = ("nice", "-n", "10")
_WORK = (sys.executable, "-m", "guinguette.cli", "worker", "--queue")


@click.command(help="Servir le site et faire le travail de fond (calculs, SMS) jusqu’à l’arrêt.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, envvar="PORT", show_default=True, help="ou PORT")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 pour toutes les interfaces")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="processus web")
@click.option("--no-jobs", is_flag=True, help="le site seul : les workers tournent ailleurs")
def serve(port: int, host: str, processes: int, no_jobs: bool) -> None:
    """Run gunicorn and the workers in one process tree. Refuses a database of another schema."""
    with desk() as d:
        d.jobs.waiting()  # the queue answers, and its tables are made before two workers would make them at once
        settings = d.settings
    serve_until_stopped(settings, host=host, port=port, processes=processes, jobs=not no_jobs)


def serve_until_stopped(settings: Settings, *, host: str, port: int, processes: int = 1, jobs: bool = True) -> None:
    """Run the process tree. Raises ``RefusalError`` where the port is taken."""
    _refuse_taken(host, port)
    click.echo(f"La Guinguette mobile : http://{host}:{port}/ (Ctrl-C pour arrêter)")
    os.environ["PORT"] = str(port)
    web = Part("web", partial(web_server.run, host=host, port=port, processes=processes))
    run_together([web, *(_workers(periodic=True, parts=_part_workers(settings)) if jobs else [])], _say)


@click.command(help="Faire le travail de fond seul (calculs, SMS), sur cette machine ou une autre.")
@click.option("--queue", type=click.Choice(_QUEUES), help="une seule des files (toutes sans cela)")
@click.option(
    "--processes", type=click.IntRange(1, 64), default=1, help="processus pour les parties de calcul (--queue parts)"
)
@click.option(
    "--no-periodic", is_flag=True, help="sur toutes les machines sauf une : sans les rappels de chaque minute"
)
def worker(queue: str | None, processes: int, no_periodic: bool) -> None:
    """Run one queue's consumer in this process, or all in a tree."""
    if queue != PARTS and processes > 1:
        raise RefusalError("--processes vaut pour --queue parts seulement.")
    with desk() as d:
        d.jobs.waiting()  # the queue's tables are made before two workers would make them at once
        settings = d.settings
    if queue is None:
        run_together(_workers(periodic=not no_periodic, parts=_part_workers(settings)), _say)
        return
    if processes > 1:
        run_together(_workers_for_parts(processes), _say)
        return
    tasks = Tasks(settings.queue_url, lambda: build_bench(settings))
    if queue == PLANNING:
        tasks.catch_up()
        _consumer(tasks.planning, periodic=not no_periodic).run()
        return
    if queue == PARTS:
        _consumer(tasks.parts).run()
        tasks.give_parts_back()
        return
    main = _consumer(tasks.messages, periodic=not no_periodic)
    tasks.stopping = main.stop_flag
    channels = [_consumer(tasks.sms), _consumer(tasks.email)]
    for channel in channels:
        channel.start()
    main.run()  # takes the signals; returns when it is told to stop
    for channel in channels:
        channel.stop(graceful=True)


def _consumer(huey: Huey, *, periodic: bool = False) -> Consumer:
    """Return a consumer of one thread.

    A second solve at the same time would only slow both down, a round of messages asks several at once by itself, and
    more workers are more machines' matter.
    """
    return huey.create_consumer(
        workers=1,
        periodic=periodic,
        max_delay=1.0,
        shutdown_timeout=_WORKER_STOPS_WITHIN_SECONDS,
        graceful_signal="TERM",
    )


def _workers(*, periodic: bool, parts: int) -> list[Part]:
    """A solve is nicer than the web, for it must not slow the pages down; messages leave whatever the web is doing."""
    when = [] if periodic else ["--no-periodic"]
    return [
        Part(PLANNING, [*_NICE, *_WORK, PLANNING, *when]),
        *_workers_for_parts(parts),
        Part(MESSAGES, [*_WORK, MESSAGES, *when]),
    ]


def _workers_for_parts(count: int) -> list[Part]:
    return [Part(f"{PARTS} {number}", [*_NICE, *_WORK, PARTS]) for number in range(1, count + 1)]


def _part_workers(settings: Settings) -> int:
    """Return how many workers for parts belong to a whole process tree: one per core but one, eight at most.

    None where no other machine could help: there the run starts its own processes, when it needs them.
    """
    return min(max((os.cpu_count() or 1) - 1, 1), _MOST_PART_WORKERS) if settings.many_machines else 0


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


def _refuse_taken(host: str, port: int) -> None:
    """Say at once that the port is taken: gunicorn would try for five seconds, then print a traceback."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RefusalError(
                f"Le port {port} n’est pas libre ({error.strerror}) : donnez-en un autre avec PORT=… ."
            ) from error


COMMANDS = (serve, worker)
