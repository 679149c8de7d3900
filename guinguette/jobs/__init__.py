"""What runs outside a request: a huey queue built from a URL, and five-line tasks that call services."""
