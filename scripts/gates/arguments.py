"""The choice of layers, from the arguments of scripts/test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .layers import FIRMWARES, LAYERS, Layer, Pace, layer_of

_WITH_VALUE = frozenset({"-k", "-m", "-p", "-o", "-W", "-c", "-n", "--maxfail", "--durations", "--tb", "--deselect", "--ignore"})
"""Options of pytest whose value is the next argument, and no layer even if it has the name of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Layers, with paths inside them if the choice is narrower."""

    layers: tuple[Layer, ...]
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By name of the layer."""
    options: tuple[str, ...] = ()
    """For pytest."""
    only: str | None = None
    """A GoogleTest, `Suite.Test` or `Suite`."""
    watches: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out, so that the gates of coverage can judge."""
        return len(self.layers) == len(LAYERS) and not self.paths and not self.options


def choose(arguments: Sequence[str]) -> Choice:
    """Return what arguments ask for.

    Raises:
        LookupError: an argument is neither a layer nor a path nor an option, or a value is missing.
    """
    layers: dict[str, Layer] = {}
    paths: dict[str, tuple[str, ...]] = {}
    options: list[str] = []
    only: str | None = None
    watches = False
    rest = iter(arguments)
    for argument in rest:
        if argument == "--watch":
            watches = True
        elif argument == "--only":
            only = _next(rest, argument)
        elif argument.startswith("-"):
            options.append(argument)
            if argument in _WITH_VALUE:
                options.append(_next(rest, argument))
        elif argument in LAYERS:
            layers[argument] = LAYERS[argument]
        else:
            layer = layer_of(argument)
            layers[layer.name] = layer
            paths[layer.name] = (*paths.get(layer.name, ()), argument)
    chosen = layers or {name: layer for name, layer in LAYERS.items() if not options or layer.paths}
    if any(layer.pace is Pace.WAITS for layer in chosen.values()) and not paths:
        chosen = {FIRMWARES.name: FIRMWARES, **chosen}
    return Choice(layers=tuple(chosen.values()), paths=paths, options=tuple(options), only=only, watches=watches)


def _next(arguments: Iterable[str], option: str) -> str:
    for value in arguments:
        return value
    raise LookupError(f"{option} needs a value")
