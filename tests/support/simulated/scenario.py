"""What one seed means: how the client is set up, what the weather is like, and which faults come when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

__all__ = ["CALM", "Fault", "Scenario", "Weather", "draw"]


@dataclass(frozen=True, slots=True)
class Weather:
    """Chances of each outcome, as weights; what is not named works."""

    #: Of `apps.connections.open`: `hang`, `slow`, `limited`, `error`, `html`, `crash`, `no_url`, `fatal`.
    api: dict[str, float] = field(default_factory=dict)
    #: Of the handshake: `hang`, `slow`, `refused`, `conflict`.
    handshake: dict[str, float] = field(default_factory=dict)
    #: Of the welcome: `slow`, `never`, `goodbye`, `gone`, `nonsense`.
    welcome: dict[str, float] = field(default_factory=dict)
    #: Of a connection's life: seconds until Slack renews it, how likely it does so, and how likely it just dies.
    lifetime: tuple[float, float] = (3_600.0, 18_000.0)
    sudden: float = 0.0


CALM: Final = Weather()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something happens at `at`."""

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """All of it."""

    name: str
    connections: int
    ping_interval: float
    concurrency: int
    ack_deadline: float
    auto_ack: str
    auto_reconnect: bool
    #: Chance gives only the uppermost tenth, so that a delay tells which bound it was drawn from.
    is_high_roller: bool
    latency: float
    #: Seconds between two envelopes, on average.
    pause: float
    #: From one moment on, this weather.
    weather: tuple[tuple[float, Weather], ...]
    faults: tuple[Fault, ...]
    #: When all faults are over.
    calm_at: float
    #: When `close()` is called; `None` is some time after calm.
    close_at: float | None
    uses_run: bool


_LINK_FAULTS: Final = {
    "warning": 3, "refresh": 3, "close": 2, "reset": 2, "fin": 2, "half_open": 2, "deaf": 1, "mute": 1, "stall": 2,
    "slow": 2, "strange": 1, "twice": 1, "noise": 2, "too_many": 0.5, "blow": 1, "duplicate": 2, "burst": 1,
}  # fmt: skip
_CLIENT_FAULTS: Final = {"freeze": 2, "sleep": 1, "step": 2, "rotate": 1, "reconnect": 0.5, "send": 1, "enqueue": 0.5}

_API: Final[dict[str, float]] = {"hang": 1, "slow": 1, "error": 2, "html": 1, "crash": 1, "no_url": 1}
_HANDSHAKE: Final[dict[str, float]] = {"hang": 1, "slow": 1, "refused": 2, "conflict": 2}
_WELCOME: Final[dict[str, float]] = {"slow": 2, "never": 1, "goodbye": 1, "gone": 1, "nonsense": 1}


def _scaled(weights: dict[str, float], share: float) -> dict[str, float]:
    total = sum(weights.values())
    return {name: share * weight / total for name, weight in weights.items()}


@dataclass(frozen=True, slots=True)
class _Profile:
    weight: float
    faults: dict[str, float]
    #: Faults a minute.
    density: float
    api: float = 0.1
    handshake: float = 0.1
    welcome: float = 0.1
    limited: float = 0.02
    lifetime: tuple[float, float] = (40.0, 400.0)
    sudden: float = 0.1
    seconds: tuple[float, float] = (20.0, 90.0)


_ALL: Final = _LINK_FAULTS | _CLIENT_FAULTS
_PROFILES: Final = {
    "mixed": _Profile(4, _ALL, 6.0),
    "rotating": _Profile(3, {"refresh": 3, "warning": 3, "twice": 1, "rotate": 1}, 4.0, lifetime=(4.0, 30.0)),
    "churning": _Profile(1, {"refresh": 3, "twice": 1}, 8.0, lifetime=(0.5, 6.0), sudden=0.0, seconds=(20.0, 60.0)),
    "flaky": _Profile(2, {"reset": 2, "fin": 1, "close": 1}, 6.0, lifetime=(0.5, 15.0), sudden=0.9),
    "outage": _Profile(2, {"blow": 2, "reset": 1}, 3.0, api=0.5, handshake=0.4, welcome=0.3, seconds=(40.0, 140.0)),
    "recovering": _Profile(1, {"reset": 1, "half_open": 1}, 1.0, api=0.4, handshake=0.3, seconds=(120.0, 220.0)),
    "limited": _Profile(1, {"reset": 2, "refresh": 1, "half_open": 1}, 5.0, limited=0.5),
    "crowded": _Profile(2, {"others": 4, "refresh": 3, "warning": 2, "too_many": 2, "half_open": 2, "reset": 1}, 7.0),
    "frozen": _Profile(2, {"freeze": 3, "sleep": 2, "step": 2, "half_open": 1, "refresh": 1, "burst": 1}, 5.0),
    "silent": _Profile(2, {"half_open": 2, "deaf": 1, "mute": 1, "stall": 2, "slow": 2, "blow": 1}, 5.0),
    "fatal": _Profile(1, {"fatal": 2, "disabled": 2, "reset": 2, "refresh": 1, "reconnect": 1}, 4.0),
    "busy": _Profile(2, {"burst": 4, "duplicate": 4, "reset": 1, "refresh": 2, "stall": 1}, 6.0),
    "user": _Profile(2, {"rotate": 3, "reconnect": 2, "send": 2, "enqueue": 1, "reset": 1, "refresh": 1}, 6.0),
}


def draw(chance: Random) -> Scenario:
    """The scenario that `chance` gives."""
    name = chance.choices(list(_PROFILES), [profile.weight for profile in _PROFILES.values()])[0]
    profile = _PROFILES[name]
    seconds = chance.uniform(*profile.seconds)
    is_closed_early = chance.random() < 0.35
    return Scenario(
        name=name,
        connections=chance.choices([1, 2, 3, 4, 10], [8, 5, 2, 1, 0.5])[0],
        ping_interval=chance.choices([5.0, 2.0, 9.0], [6, 1, 1])[0],
        concurrency=chance.choices([1000, 8, 2], [6, 2, 1])[0],
        ack_deadline=chance.choices([2.5, 1.0, 3.0], [6, 1, 1])[0],
        auto_ack=chance.choices(["events", "never", "all"], [3, 1, 1])[0],
        auto_reconnect=chance.random() < 0.95,
        is_high_roller=chance.random() < 0.6,
        latency=chance.choices([0.03, 0.005, 0.3, 1.2], [6, 2, 2, 1])[0],
        pause=chance.choices([4.0, 1.0, 12.0], [3, 1, 3])[0] if name != "busy" else 0.7,
        weather=_draw_weather(profile, seconds, chance),
        faults=_draw_faults(profile, seconds, chance),
        calm_at=seconds,
        close_at=chance.uniform(0.0, seconds) ** chance.choice([1, 0.5]) if is_closed_early else None,
        uses_run=chance.random() < 0.2,
    )


def _draw_weather(profile: _Profile, seconds: float, chance: Random) -> tuple[tuple[float, Weather], ...]:
    bad = Weather(
        api=_scaled(_API, profile.api) | {"limited": profile.limited},
        handshake=_scaled(_HANDSHAKE, profile.handshake),
        welcome=_scaled(_WELCOME, profile.welcome),
        lifetime=profile.lifetime,
        sudden=profile.sudden,
    )
    mild = Weather(lifetime=profile.lifetime, sudden=profile.sudden)
    changes = sorted(chance.uniform(0.0, seconds) for _ in range(chance.randrange(4)))
    spells = [(moment, chance.choice((bad, mild))) for moment in changes]
    return (0.0, chance.choice((bad, mild))), *spells


def _draw_faults(profile: _Profile, seconds: float, chance: Random) -> tuple[Fault, ...]:
    count = round(seconds / 60 * profile.density * chance.uniform(0.3, 1.7))
    kinds = chance.choices(list(profile.faults), list(profile.faults.values()), k=count)
    return tuple(Fault(chance.uniform(0.0, seconds), kind) for kind in kinds)
