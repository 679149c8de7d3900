"""For WSGI servers: ``gunicorn wsgi:app``. The jobs run beside it: ``guinguette worker``."""

from guinguette import create_app

app = create_app()
