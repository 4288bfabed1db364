"""A reader that waits to be let go, to look at the server while it is at work."""

from threading import Event


class Held:
    """Reads like another reader, but each picture only after `go` is set; `reading` tells that one waits."""

    def __init__(self, reader):
        self.card, self.name, self.temperature = reader.card, reader.name, reader.temperature
        self.thresholds, self._reader = reader.thresholds, reader
        self.go, self.reading, self.sizes = Event(), Event(), []
        self.go.set()

    def hold(self) -> None:
        """From now on, wait; forget what was read."""
        self.go.clear()
        self.reading.clear()
        self.sizes.clear()

    def read_digit(self, picture):
        return self.read_digits([picture])[0]

    def read_digits(self, pictures):
        self.sizes.append(len(pictures))
        self.reading.set()
        assert self.go.wait(60)
        return self._reader.read_digits(pictures)

    def read_number(self, picture, marks=False):
        return self._reader.read_number(picture, marks)
