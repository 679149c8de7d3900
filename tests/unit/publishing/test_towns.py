"""The towns that a map names."""

from guinguette.publishing.towns import landmarks


def test_the_biggest_towns_around() -> None:
    """Biggest first, as many as asked for; far away ones are not there."""
    names = [town.name for town in landmarks([(48.3, 4.4), (48.7, 5.2), (48.1, 4.9)], 10)]
    assert names[:2] == ["Saint-Dizier", "Chaumont"]
    assert "Paris" not in names
    assert [town.name for town in landmarks([(48.3, 4.4), (48.7, 5.2), (48.1, 4.9)], 2)] == names[:2]


def test_a_village_alone_has_surroundings() -> None:
    """One evening has no width, and yet people know where it is."""
    assert "Saint-Dizier" in [town.name for town in landmarks([(48.57, 4.84)], 10)]


def test_no_name_under_a_lantern_or_over_another() -> None:
    """Whoever is in Saint-Dizier sees its lantern; suburbs of a city do not cover its name."""
    assert "Saint-Dizier" not in [town.name for town in landmarks([(48.637, 4.948), (48.2, 4.5)], 10)]
    around_reims = [town.name for town in landmarks([(48.8, 3.6), (49.6, 4.6)], 10)]
    assert "Reims" in around_reims
    assert not {"Tinqueux", "Bétheny", "Cormontreuil"} & set(around_reims)
