"""Everything that a reset throws away, in one place."""

from local.simulators.catalogue import Catalogue
from local.simulators.clock import Clock
from local.simulators.oauth import AuthorizationCodes
from local.simulators.youtube.oauth import TokenStore
from local.simulators.youtube.quota import Ledger
from local.simulators.youtube.settings import Settings
from local.simulators.youtube.world import World


class State:
    """What the endpoints share. ``world``, ``tokens``, ``codes`` and ``ledger`` are new after a reset."""

    world: World
    tokens: TokenStore
    codes: AuthorizationCodes
    ledger: Ledger
    conflicts: int
    """409s answered to writes that came too fast: every n-th takes effect."""

    def __init__(self, catalogue: Catalogue, clock: Clock, settings: Settings) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self.settings = settings
        self.reset()

    def reset(self) -> None:
        """As just started, but for settings and clock, which their owners reset."""
        self.world = World(self.catalogue, self.clock)
        self.tokens = TokenStore(self.clock, self.settings)
        self.codes = AuthorizationCodes()
        self.ledger = Ledger(self.clock.now)
        self.conflicts = 0
