"""A bound that needs no solver: what no plan can do better."""

from __future__ import annotations

import numpy as np

from routing.costing import shortfall_cost

from .instance import Instance


def simple_bound(instance: Instance) -> int:
    """Every commune served as often as it has dates for it, on its best dates, at no metres at all.

    Kept promises earn their `moved` back at most once each, so preferences are counted at their best date by
    date, and only where that is negative.
    """
    season = instance.season
    total, answers = instance.constant, instance.field.answers
    for c, commune in enumerate(season.communes):
        dates = set(np.flatnonzero(answers[c]).tolist()) | {i for other, i in instance.fixed if other == c}
        spaced = {i for i in dates if "spacing" not in instance.waived(c, i)}
        most = instance.most_spaced(spaced, commune.min_days_between) + len(dates - spaced)
        total += shortfall_cost(season.costs, commune, most)
        total += sum(min(0, instance.preference[c][i]) for i in dates)
    return total
