"""The address of a road server (guinguette/domain/road_server.py)."""

import pytest

from guinguette.domain.road_server import parse


@pytest.mark.parametrize(
    ("url", "where", "profile", "name"),
    [
        ("osrm+http://127.0.0.1:5000", "http://127.0.0.1:5000", "driving", "osrm 127.0.0.1:5000/driving"),
        ("osrm+http://127.0.0.1:5000/", "http://127.0.0.1:5000", "driving", "osrm 127.0.0.1:5000/driving"),
        ("osrm+https://roads.example/car", "https://roads.example", "car", "osrm roads.example/car"),
        ("osrm+https://roads.example/fr/car", "https://roads.example/fr", "car", "osrm roads.example/fr/car"),
        ("valhalla+http://[::1]:8002", "http://[::1]:8002", "auto", "valhalla [::1]:8002/auto"),
        ("valhalla+https://roads.example/truck", "https://roads.example", "truck", "valhalla roads.example/truck"),
    ],
)
def test_an_address_is_read(url: str, where: str, profile: str, name: str) -> None:
    """Who is asked, for which kind of vehicle, and whose answers these are."""
    server = parse(url)
    assert (server.url, server.profile, server.name) == (where, profile, name)


def test_a_password_is_read_and_never_shown() -> None:
    """Neither by the name that stands in the database nor where the object is printed."""
    server = parse("osrm+https://anne:s%40cret@roads.example")
    assert (server.user, server.password, server.url) == ("anne", "s@cret", "https://roads.example")
    assert "s@cret" not in repr(server)
    assert "anne" not in server.name


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:5000",
        "osrm://127.0.0.1:5000",
        "graphhopper+http://127.0.0.1",
        "osrm+http://",
        "osrm+http://h:port",
        "osrm+http://h/driving?most=5",
        "osrm+http://h/dri ving",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """With what to write."""
    with pytest.raises(ValueError, match=r"osrm|profil"):
        parse(url)
