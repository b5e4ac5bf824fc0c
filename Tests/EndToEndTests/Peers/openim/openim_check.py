"""The list of checks: each is a function of the world, registered by its name and where it applies."""

from collections.abc import Callable
from typing import NamedTuple

from openim_world import World


class Check(NamedTuple):
    name: str
    run: Callable[[World], None]
    #: Whether it applies to this deployment.
    applies: Callable[[World], bool]


CHECKS: list[Check] = []


def check(name: str, applies: Callable[[World], bool] = lambda _: True):
    def register(function: Callable[[World], None]) -> Callable[[World], None]:
        CHECKS.append(Check(name, function, applies))
        return function

    return register


def old(world: World) -> bool:
    """3.5.1."""
    return world.old


def new(world: World) -> bool:
    """3.8.3."""
    return not world.old
