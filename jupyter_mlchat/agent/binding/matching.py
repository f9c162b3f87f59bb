"""One number against all sources: as it stands, rounded, as a share, or worked out of two that belong together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from . import vocabulary as v
from .sources import Source, Sources, Words
from .tokens import Token

SURE_DIGITS = 5
"""So many digits are no coincidence, whatever stands around them."""
MAX_CONCERNED = 60
QUESTION = ""
_POINTS = (("percentage",), ("point",), ("pp",))
_IN_ALL = (("all",), ("count",), ("altogether",))
_WRITING = (("decimal",), ("digit",), ("place",), ("significant",))
"""Behind a number that says how others are written."""


def source_of(token: Token, sources: Sources) -> str | None:
    """The id of the call a token comes from, "" where it is the person's own or the kernel's, None for none."""
    if token.kind == "name":
        return sources.name(_bare(token.text)) if not _is_common(token.text) else QUESTION
    if token.kind == "text":
        return sources.name(token.text)
    around = token.near.words
    if token.near.after[:1] in _WRITING:
        return QUESTION
    if (named := sources.names.get(token.text)) is not None:
        return named
    if token.near.after[:1] == ("level",) and "level" not in sources.now:
        # "a 95 % interval" is what one says, where no tool says another.
        return QUESTION
    if token.kind == "ordinal" and (ranks := _ranks(sources, around)):
        return next((rank.call for rank in ranks if rank.value == token.readings[0][0]), None)
    found = _plain(token, sources, around)
    if found is None:
        found = _derived(token, sources, around)
    if found is None and _is_rank(token, around):
        found = next(
            (call for call, length in reversed(sources.longest.items()) if length >= token.readings[0][0]), None
        )
    return found


# -- as it stands ----------------------------------------------------------------------------------------


def _plain(token: Token, sources: Sources, around: Words) -> str | None:
    best: str | None = None
    score = (False, -1)
    for low, high, exact, factor in _windows(token, around):
        for source in sources.near(low, high):
            if source.said:
                fits = abs(source.value - exact) <= 1e-9 * max(1.0, abs(exact))
            elif token.kind == "percent" and factor == 1.0 and not _in_percent(source):
                continue
            else:
                fits = _fits(source, token, sources, around)
            shared = len(source.kind & around) + len(source.counts & around)
            shared += sum(name <= around for _, name in source.about)
            # A call has a card to look at; what was known before it has none.
            if fits and (bool(source.call), shared) > score:
                best, score = source.call, (bool(source.call), shared)
    return best


def _in_percent(source: Source) -> bool:
    """50 for 50 %, where most sources say 0.5."""
    return bool(source.kind & v.PERCENT) or source.path in ("text", "percentile")


def _windows(token: Token, around: Words) -> Iterator[tuple[float, float, float, float]]:
    """(lowest, highest, exactly, scale) of what a source may be, for each way to read the token."""
    cues = frozenset(token.near.before[-2:])
    for value, slack in token.readings:
        down, up = _rounding(token, slack, cues)
        for factor in _factors(token):
            for sign in (1, -1) if not token.signed and v.FALLING & around else (1,):
                exact = sign * value * factor
                room = 1e-9 * (slack * factor + abs(exact) * 1e-3)
                low, high = (down, up) if sign > 0 else (up, down)
                yield exact - low * factor - room, exact + high * factor + room, exact, factor


def _rounding(token: Token, slack: float, cues: Words) -> tuple[float, float]:
    """How far below and above the number its source may be: half a unit, or a whole one for "over" and "nearly"."""
    if not slack or token.kind == "fraction":
        return slack, slack
    figure = token.text.rstrip(" %")
    if cues & (v.APPROXIMATE | v.AT_LEAST | v.AT_MOST) and figure.isdigit():
        slack *= 10.0 ** min(len(figure) - len(figure.rstrip("0")), len(figure) - 1)
    if cues & v.AT_LEAST:
        return slack, 2 * slack
    if cues & v.AT_MOST:
        return 2 * slack, slack
    return slack, slack


def _factors(token: Token) -> tuple[float, ...]:
    if token.kind == "percent":
        return (0.01, 1.0)
    if token.near.after[:1] in _POINTS:
        return (0.01,)
    return (1.0,)


def _fits(source: Source, token: Token, sources: Sources, around: Words) -> bool:
    """Does the sentence speak of this source? Only a number of many digits may stand without that."""
    near = token.near
    if token.digits >= SURE_DIGITS:
        return True
    if token.kind == "ordinal":
        return bool(source.counts & around)
    if token.kind == "times":
        return bool(source.kind & v.RATIO)
    if near.after[:1] in _POINTS:
        return bool(source.kind & v.DIFFERENCE) and _concerns(source, sources, token, around)
    if source.path == "central share":
        return bool(around & v.BETWEEN)
    if near.after[:1] == ("level",):
        return "level" in source.kind
    if source.path.endswith("/row"):
        return token.whole and "row" in near.before[-2:]
    if token.whole:
        counted = frozenset(near.after[:2]) & sources.counted
        if source.counts & (counted | frozenset(near.before[-1:])) or ("row" in source.counts and source.value >= 10):
            return _named(source, sources, token, around)
        if source.turn == sources.turn and (source.value == 0 or near.after[:1] in _IN_ALL):
            return bool(source.counts)
        if counted and not source.kind & frozenset(near.before[-3:]):
            return False
    if not source.kind and (source.path.endswith("#") or not source.about):
        # A key that says nothing, such as `value` or `total`.
        if token.whole and source.counts & around:
            return True
        return not source.path.endswith("#") and source.turn == sources.turn and token.digits > 1
    if any(role == "feature" and name == frozenset(near.before[-len(name) :]) for role, name in source.about):
        return True
    if source.kind & v.BETWEEN and not _of_bounds(token):
        return False
    return _concerns(source, sources, token, around)


def _of_bounds(token: Token) -> bool:
    """Does this number stand where the ends of an interval are told?"""
    near = token.near
    return bool(near.words & v.BETWEEN) or bool({"from", "to"} & {*near.before[-2:]}) or "to" in near.after[:2]


def _concerns(source: Source, sources: Sources, token: Token, around: Words) -> bool:
    """Does the sentence name this kind of value, and this thing, as far as it names any?"""
    if source.kind & v.QUALIFIERS - around:
        return False
    if source.turn != sources.turn and not around & v.EARLIER and around & source.kind & sources.now:
        # This turn has looked at that anew.
        return False
    if source.turn != sources.turn and not source.kind & around:
        return False
    # "10 % to 90 % of rows" names the two levels themselves.
    is_level = source.path == "percentile" and _of_bounds(token)
    if "percentile" in source.kind and not is_level and not around & (source.kind | v.BETWEEN):
        return False
    if not source.kind:
        return any(name <= around for _, name in source.about)
    kind = source.kind - v.BETWEEN
    of_names = frozenset(word for names in sources.spoken(around).values() for _, name in names for word in name)
    meant = {word for word in (around & sources.now) - of_names - v.BETWEEN - v.QUALIFIERS if not word.isdigit()}
    is_end = bool(source.kind & (v.BETWEEN | {"percentile"})) and _of_bounds(token)
    if meant and kind and not kind & around and not is_end:
        return False
    return _named(source, sources, token, around)


def _named(source: Source, sources: Sources, token: Token, around: Words) -> bool:
    """Is it about what the sentence names, or the one before it, as far as they name things of that sort?"""
    here, before = sources.spoken(around), sources.spoken(frozenset(token.near.earlier))
    roles = {role for role, _ in source.about}
    if around & v.VERSUS:
        # "0.84 versus 0.85": the second is of the model that is not named.
        roles.discard("model")
    return all(spoken & source.about for role in roles if (spoken := here.get(role) or before.get(role)))


# -- worked out ------------------------------------------------------------------------------------------


def _derived(token: Token, sources: Sources, around: Words) -> str | None:
    if not token.readings or token.kind == "ordinal":
        return None
    for low, high, _, factor in _windows(token, around):
        if token.kind == "percent" and factor == 1.0:
            continue
        found = _rest(token, low, high, sources, around) or _of_ten(token, sources, around)
        if found is None and (token.kind == "percent" or around & v.SHARE):
            found = _share(low, high, sources, token.near.close)
        if found is None:
            found = _paired(token, low, high, sources, around)
        if found is not None:
            return found
    return None


def _rest(token: Token, low: float, high: float, sources: Sources, around: Words) -> str | None:
    """What is left of one: "the remaining 13 %"."""
    if not around & v.REST or high > 1:
        return None
    whole = frozenset({"probability", "accuracy"})
    for source in sources.near(1 - high, 1 - low):
        if source.kind & whole and source.turn == sources.turn and not source.kind & v.BETWEEN:
            return source.call
    return None


def _of_ten(token: Token, sources: Sources, around: Words) -> str | None:
    """ "9 in 10": both numbers say one fraction."""
    for part, whole in ((token.text, token.near.after[:1]), (token.near.before[-1:], token.text)):
        told = part if isinstance(part, str) else "".join(part)
        of = whole if isinstance(whole, str) else "".join(whole)
        if of in ("10", "100", "1000") and told.isdigit():
            share, half = int(told) / int(of), 0.5 / int(of)
            for source in sources.near(share - half, share + half):
                if source.kind & around or source.kind & {"probability", "accuracy"}:
                    return source.call
    return None


def _share(low: float, high: float, sources: Sources, around: Words) -> str | None:
    """One count of another: "3 of 80 rows (3.8 %)"."""
    if not 0 < high <= 1:
        return None
    for whole in sources.all[-8 * MAX_CONCERNED :]:
        if whole.value >= 1 and whole.counts & {"row", "count", "n"}:
            for part in sources.near(math.ceil(low * whole.value), math.floor(high * whole.value)):
                if (
                    part.call == whole.call
                    and part.counts & around - v.GENERIC - {"row", "prediction"}
                    and part.value < whole.value
                ):
                    return whole.call
    return None


def _paired(token: Token, low: float, high: float, sources: Sources, around: Words) -> str | None:
    """A difference, ratio, or sum of two sources of one call or of one thing in two calls."""
    ratio = token.kind in ("times", "fraction")
    close = token.near.close
    points = token.near.after[:1] in _POINTS
    if not ratio and not points and not close & (v.DIFFERENCE | v.SUM):
        return None
    if token.digits < 2 and not ratio and not points and not frozenset(token.near.before[-1:]) & v.DIFFERENCE:
        return None
    whole = [source for source in reversed(sources.all) if not source.said]
    concerned = [source for source in whole if _concerns(source, sources, token, around)][:MAX_CONCERNED]
    for one in concerned:
        for least, most in _partners(token, low, high, one.value, around):
            for other in sources.beside(one, least, most):
                if _belong(one, other, around):
                    return one.call
    return None


def _partners(token: Token, low: float, high: float, one: float, around: Words) -> Iterator[tuple[float, float]]:
    """Between which values another one makes, with `one`, a number from `low` to `high`."""
    if token.kind in ("times", "fraction"):
        yield from _ratios(one, low, high)
        return
    if around & v.DIFFERENCE or token.near.after[:1] in _POINTS:
        yield one + low, one + high
        yield one - high, one - low
    if around & v.SUM:
        yield low - one, high - one
    if token.kind == "percent" and around & v.DIFFERENCE:
        yield from _ratios(one, 1 + low, 1 + high)
        yield from _ratios(one, 1 - high, 1 - low)


def _ratios(one: float, low: float, high: float) -> Iterator[tuple[float, float]]:
    """The other one divided by `one`, and the other way round."""
    ends = one * low, one * high
    yield min(ends), max(ends)
    if low * high > 0:
        ends = one / low, one / high
        yield min(ends), max(ends)


def _belong(one: Source, other: Source, around: Words) -> bool:
    if one.about != other.about and one.about and other.about:
        # Two named things: both must be named here, or one and a rank.
        named = [any(name <= around for _, name in source.about) for source in (one, other)]
        if not (all(named) or (any(named) and around & v.RANKING)):
            return False
    ends = {"percentile"} | v.BETWEEN
    return (
        one.path == other.path
        or bool((one.kind & other.kind) - v.BETWEEN)
        or (one.place == other.place and bool(one.kind & ends) and bool(other.kind & ends))
    )


def _ranks(sources: Sources, around: Words) -> list[Source]:
    """Which places the named things have, where a result says so."""
    ranked = [source for source in reversed(sources.all) if "rank" in source.kind and source.turn == sources.turn]
    return [source for source in ranked if any(name <= around for _, name in source.about)]


def _is_rank(token: Token, around: Words) -> bool:
    """ "the 3 most important", "the third": how many, or which, of a list."""
    if not token.readings or not token.readings[0][0].is_integer():
        return False
    leads = frozenset(token.near.before[-1:]) & v.LEADING or frozenset(token.near.after[:1]) & v.RANKING
    return token.kind == "ordinal" or (token.kind == "number" and bool(leads))


# -- names -----------------------------------------------------------------------------------------------


def _bare(name: str) -> str:
    return name.strip().strip("\"'")


def _is_common(name: str) -> bool:
    told = _bare(name).lower()
    return told in v.COMMON or told.rpartition(".")[2] in v.COMMON
