"""What a page says beside a heat map: how to read it, and what tests have found about it."""

from digits.numbers import articles, short

CLEARLY = 0.1
"""By how much a map has to beat random order: a random map comes within that of it."""
HOPELESS = 0.05
"""A digit less probable than this, on average, cannot be erased."""
COMPLETE = 0.01
"""Share by which a sum may be off and still counts as right."""
ALIKE = 0.3
"""Rank correlation with a network that has learnt nothing from which a page warns."""
CORRELATION = (
    "Rank correlation over the ink: 0 % is nothing in common, 100 % the same order of the points, or just "
    "the opposite one."
)


def legend(anything: bool, signed: bool, target: int, slope: bool = False) -> str:
    """Say how to read a map; `anything`: whether it is not 0 everywhere; `slope`: of a gradient."""
    if not anything:
        return "The map is empty: this method finds nothing at this layer. Another layer or method may."
    if slope:
        return articles(
            f"Orange: more light here would speak for a {target}; blue: it would speak against it. That is "
            "said of empty paper too."
        )
    if signed:
        words = f"Orange speaks for a {target}, blue against it. The largest value has the full colour."
        return articles(words)
    return articles(
        f"The brighter and yellower, the more speaks for a {target}; what has no colour does not."
    )


def tested(tests: dict, target: int) -> str:
    """Say what `explaining.judge` has found."""
    score, chance = tests["deletion_score"], tests["random_deletion_score"]
    if chance < HOPELESS and score < HOPELESS:
        words = f"Not to be tested here: the network hardly believes in a {target} in the first place."
        words = articles(words)
    else:
        better = "clearly better" if score < chance - CLEARLY else "not clearly better"
        words = (
            f"Tested: with the ink erased bit by bit, first where the map is strongest, the {target} keeps "
            f"{score:.0%} on average; in random order {chance:.0%}. So this map knows {better} than chance "
            "what counts."
        )
    return f"{words} {complete(tests, target)}" if "completeness_error" in tests else words


def complete(tests: dict, target: int) -> str:
    """Say whether the points of integrated gradients add up to what there is to explain."""
    rise, off = tests["rise"], tests["completeness_nats"]
    if tests["completeness_error"] <= COMPLETE:
        missed = f"{tests['completeness_error']:.1%}"
        return f"Its points add up to what this digit scores over an empty picture, but for {missed}."
    return articles(
        f"A {target} scores here nearly what it scores on an empty picture: the difference is {short(rise)}, "
        f"and the points add up to it but for {short(off)}. So little cannot be shared out to the percent."
    )


def sanity(shuffled: dict, about: dict) -> str:
    """Say how far a method looks at what was learnt.

    Args:
        shuffled: on how many digits that was measured, and how often the weights were shuffled.
        about: what was measured of the method, see `evaluation/evaluate_explanations.py`.
    """
    alike, empty = about["randomised_correlation"], about["randomised_empty"]
    measured = (
        f"On {shuffled['n']} test digits, its maps were compared with maps for the same network with its "
        f"weights shuffled, {shuffled['times']} times anew, which has learnt nothing: "
    )
    if alike is None:
        return f"{measured}those were all empty. So they show what the network has learnt, not just the ink."
    measured += f"{alike:.0%} alike" + (f", where those were not empty ({1 - empty:.0%})." if empty else ".")
    if alike < ALIKE:
        return f"{measured} So they show what the network has learnt, not just the ink."
    return f"⚠️ {measured} So a good part of such a map comes from the ink, not from what was learnt."
