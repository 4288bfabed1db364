"""How much one client may ask of the server. Standard library only: --help shows what is usual."""

from dataclasses import dataclass

from digits import config


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a request may cost. Together they bound the memory: every place holds one body, not unpacked, a
    quarter as many may be on their way, and each lane unpacks no more pixels at a time, for each reader, than
    the largest picture has.

    Raises:
        ValueError: a limit out of range; the message names the flag of `python -m digits serve`.
    """

    megabytes: float = 10.0
    """Of a body, in 2**20 bytes."""
    megapixels: float = 25.0
    """Width times height of a picture, in millions."""
    seconds: float = 10.0
    """Until a request is all here; and from then to its answer."""
    at_once: int = 64
    """Pictures in the house, from the last byte of the body to the answer; one more is sent away."""
    together: int = 32
    """Pictures of one digit that are read in one batch."""

    def __post_init__(self) -> None:
        config.check("--megabytes", self.megabytes, 0 < self.megabytes <= 1000, "more than 0, up to 1000")
        config.check("--megapixels", self.megapixels, 0 < self.megapixels <= 64, "more than 0, up to 64")
        config.check("--seconds", self.seconds, 0 < self.seconds <= 3600, "more than 0, up to 3600")
        config.check("--at-once", self.at_once, 1 <= self.at_once <= 10_000, "1 to 10000")
        config.check("--together", self.together, 1 <= self.together <= 256, "1 to 256")

    @property
    def bytes(self) -> int:
        """Most of a body."""
        return int(self.megabytes * 2**20)

    @property
    def pixels(self) -> int:
        """Most pixels of a picture."""
        return int(self.megapixels * 1e6)
