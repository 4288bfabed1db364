"""Reading millions of pictures: what is asked, what is there already, and who does the rest.

It joins what does not know each other: sources, parts and engines, and the reader of a shard.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from digits import light
from digits.bulk import local, on_ray, sources
from digits.bulk.local import Answers
from digits.bulk.needs import need
from digits.bulk.parts import Parts
from digits.bulk.sources import Shard
from digits.bulk_reader import Reader
from digits.contract import DEFAULT_MODEL, FRAME_VERSION
from digits.files import sha256
from digits.network import checkpoints

ENGINES = ("local", "ray")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is asked."""

    inputs: tuple[str, ...]
    """Folders, .zip, .tar and .parquet files, and pictures."""
    out: Path
    """The table to write, .parquet."""
    model: str | Path = DEFAULT_MODEL
    number: bool = False
    """True to read all digits on each picture instead of one."""
    marks: bool = False
    """See `Recognizer.read_number`; asks for `number` as well."""
    engine: str = "local"
    address: str = on_ray.HERE
    """Of a Ray; see `digits.bulk.on_ray.run`."""
    jobs: int = 1
    """Pictures read at the same time: processes, or actors of Ray."""
    part: int = 1000
    """Pictures in a part: what a stop costs at most, for each job."""
    restart: bool = False
    """True to begin anew, whatever is there."""

    def __post_init__(self) -> None:
        expected = [
            ("--engine", self.engine, self.engine in ENGINES, " or ".join(ENGINES)),
            ("--jobs", self.jobs, self.jobs >= 1, "1 or more"),
            ("--part", self.part, self.part >= 1, "1 or more"),
            ("OUT", self.out, self.out.suffix == ".parquet", "a file name that ends in .parquet"),
            ("INPUT", "nothing", bool(self.inputs), "folders, archives or pictures"),
        ]
        for flag, value, good, words in expected:
            if not good:
                raise ValueError(f"{flag} is {value}; expected {words}.")
        need("pyarrow", "batch", "A .parquet file")
        if self.engine == "ray":
            need("ray", "ray", "--engine ray")


class Work:
    """A job that has begun. Iterate over it for how many pictures each part that is finished adds."""

    def __init__(self, job: Job, parts: Parts, pictures: int | None, model: Path, copy: Path | None):
        self.pictures = pictures
        """How many there are; None where only reading a whole archive would tell."""
        self._job, self._parts, self._model, self._copy = job, parts, model, copy

    @property
    def kept(self) -> int:
        """Pictures in the parts that are there."""
        return self._parts.rows()

    def __iter__(self) -> Iterator[int]:
        """Work on the shards that are missing.

        Raises:
            ValueError: the model cannot be loaded, or a source cannot be used; one sentence.
            RuntimeError: a process died; one sentence.
        """
        with closing(self._answers()) as answers:
            for number, rows in answers:
                self._parts.write(number, rows)
                yield len(rows)

    def finish(self) -> tuple[int, int]:
        """Make the table of the parts; return its rows, and how many of them are errors.

        Raises:
            ValueError: there was not one picture; one sentence.
        """
        if not self.kept:
            self._parts.give_up()
            raise _nothing(self._job)
        return self._parts.finish()

    def _answers(self) -> Answers:
        job, copy = self._job, self._copy
        asked = self._parts.asked
        shards = partial(missing, job.inputs, asked["part"], frozenset(self._parts.done()))
        about = (self._model.stem, asked["model_sha256"], job.number or job.marks, job.marks)
        alone = partial(Reader.alone, copy or self._model, *about)
        if job.engine == "ray":
            return on_ray.run(shards, alone, job.jobs, job.address)
        if copy is None:  # TensorFlow in one process, and its own threads, instead of many times over
            return local.run_here(shards(), partial(Reader, self._model, *about))
        return local.run(shards(), alone, job.jobs)


@contextmanager
def begun(job: Job, say: Callable[[str], None]) -> Iterator[Work | None]:
    """Begin a job, or go on with it.

    Args:
        job: what is asked.
        say: is told in sentences what is found and what takes its time.

    Yields:
        What is left to do, or None where the table is there already.

    Raises:
        ValueError: a source or the model cannot be used, or what is there already is not to be replaced; one
            sentence.
    """
    if any(Path(name).resolve() == job.out.resolve() for name in job.inputs):
        raise ValueError(f"OUT is {job.out}, which is an INPUT as well; expected another name.")
    model = checkpoints.find(job.model)
    found = sources.survey(job.inputs)
    if found.pictures == 0:
        raise _nothing(job)
    asked = {
        "input": found.fingerprint,
        "model": model.stem,
        "model_sha256": sha256(model),
        "card": light.identity(model),
        "frame_version": FRAME_VERSION,
        "number": job.number or job.marks,
        "marks": job.marks,
        "part": job.part,
    }
    parts = Parts(job.out, asked)
    with parts.held():
        is_done, words = parts.begin(job.restart)
        if words:
            say(words)
        yield None if is_done else Work(job, parts, found.pictures, model, light.light_copy(model, say))


def missing(inputs: tuple[str, ...], size: int, done: frozenset[int]) -> Iterator[Shard]:
    """Return the shards whose numbers are not among those done."""
    return (shard for shard in sources.shards(inputs, size) if shard.number not in done)


def _nothing(job: Job) -> ValueError:
    return ValueError(f"{', '.join(job.inputs)}: no pictures; expected {sources.EXPECTED}.")
