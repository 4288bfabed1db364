"""One job: millions of pictures read into a table: what is asked, what is left to do, who does it.

Every process of an engine has a `Reader`, which answers shard after shard.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from PIL import Image

from digits.config import DEFAULT_MODEL, FRAME_VERSION, check, check_least, need
from digits.deploy import lite
from digits.deploy.batch import engines, output, sources
from digits.deploy.batch.archives import Item
from digits.deploy.batch.engines import Answers, Rows
from digits.deploy.batch.output import Parts
from digits.deploy.batch.read import read_form, read_one
from digits.deploy.batch.sources import Shard
from digits.deploy.form import Filled
from digits.deploy.question import Question
from digits.files import sha256
from digits.forms import Form
from digits.models import checkpoints
from digits.models.memory import Memory
from digits.preprocessing.decode import open_picture
from digits.reading import Reading, Row
from digits.recognizer import Recognizer

ENGINES = ("local", "ray")

TOGETHER = 16
"""Pictures read in one go: more save no time and cost memory."""

PIXELS = 4 * 2**20
"""Pixels, in all, from which on no further picture is read along."""


class Reader:
    """Reads shards: what every process and actor does, whichever the engine."""

    def __init__(self, model: Path, name: str, sha: str, question: Question, memory: Memory | None = None):
        self._recognizer, self._question = Recognizer.load(model).with_memory(memory), question
        self._model = {"model": name, "model_sha256": sha}

    @classmethod
    def alone(cls, *arguments: Any) -> "Reader":
        """Return a reader that has a process for itself, beside as many others as there are cores."""
        import cv2

        cv2.setNumThreads(1)
        return cls(*arguments)

    def __call__(self, shard: Shard) -> Rows:
        """Return a row for each picture, in their order; see `digits.deploy.batch.output.schema`."""
        rows, held, pixels = [], [], 0
        for item in shard.items:
            opened = _opened(item)
            held.append((item, opened))
            pixels += opened.width * opened.height if isinstance(opened, Image.Image) else 0
            if len(held) == TOGETHER or pixels > PIXELS:
                rows += self._read(held)
                held, pixels = [], 0
        return rows + self._read(held)

    def _read(self, held: list[tuple[Item, Image.Image | str]]) -> Rows:
        pictures = [opened for _, opened in held if isinstance(opened, Image.Image)]
        readings = iter(self._readings(pictures))
        rows = []
        for item, opened in held:
            name = f"{item.source}/{item.key}"
            row: Row | Filled = Row(name, error=opened) if isinstance(opened, str) else next(readings)
            answer = _boxes(row) if isinstance(row, Filled) else self._answer(row)
            rows.append({"source": item.source, "key": item.key} | answer | self._model)
        return rows

    def _readings(self, pictures: list[Image.Image]) -> Sequence[Row | Filled]:
        if form := self._question.form:
            return [read_form(self._recognizer, "", picture, form) for picture in pictures]
        if not self._question.number:
            with suppress(Exception):  # which one it was, is found out one by one
                return [Row("", reading) for reading in self._recognizer.read_digits(pictures)]
        return [read_one(self._recognizer, "", picture, self._question) for picture in pictures]

    def _answer(self, row: Row) -> dict[str, Any]:
        if row.reading is None:
            return {"status": "error", "error": row.error}
        answer = {"status": row.status, "confidence": row.confidence}
        if not isinstance(row.reading, Reading):
            known = {"value": row.reading.value, "unbound": row.reading.unbound}
            return answer | known | {"text": row.text, "digits": [_digit(digit) for digit in row.digits]}
        probabilities = row.reading.probabilities.tolist()
        said = {"digit": row.reading.digit, "label": row.reading.label, "untaught": row.reading.untaught}
        return answer | said | {"probabilities": probabilities}


def _digit(reading: Reading) -> dict[str, Any]:
    about = {
        "digit": reading.digit,
        "label": reading.label,
        "status": reading.status,
        "confidence": reading.confidence,
        "untaught": reading.untaught,
    }
    return about | {"box": list(reading.box or ())}


def _boxes(filled: Filled) -> dict[str, Any]:
    """Return the answer to a form."""
    if filled.reading is None:
        return {"status": "error", "error": filled.error}
    cells = filled.reading.cells
    return {
        "status": filled.sheet.status,
        "confidence": filled.sheet.confidence,
        "doubtful": filled.doubtful,
        "boxes": {
            name: {"text": cell.text, "status": cell.status, "confidence": cell.confidence}
            for name, cell in cells.items()
        },
    }


def _opened(item: Item) -> Image.Image | str:
    """Open a picture, or return in a sentence why it cannot be opened."""
    try:
        return open_picture(item.open(), item.page)
    except (ValueError, OSError) as error:
        return str(error)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is asked."""

    inputs: tuple[str, ...]
    """Folders, .zip, .tar and .parquet files, and pictures."""
    out: Path
    """The table to write, .parquet."""
    model: str | Path = DEFAULT_MODEL
    number: bool = False
    marks: bool = False
    field: tuple[str, ...] = ()
    """As in `Question`, like the two above."""
    form: str | Path | None = None
    """The JSON of a form, whose boxes are read instead."""
    memory: Path | None = None
    """The file of the memory of a hand to read with."""
    engine: str = "local"
    address: str = engines.HERE
    """Of a Ray; see `digits.deploy.batch.engines.on_ray`."""
    jobs: int = 1
    """Pictures read at the same time: processes, or actors of Ray."""
    part: int = 1000
    """Pictures in a part: what a stop costs at most, for each job."""
    restart: bool = False
    """True to begin anew, whatever is there."""

    def __post_init__(self) -> None:
        self.question  # noqa: B018 - a wrong word is refused at once
        self.hand  # noqa: B018
        check("--engine", self.engine, self.engine in ENGINES, " or ".join(ENGINES))
        check_least(self, jobs=1, part=1)
        check("OUT", self.out, self.out.suffix == ".parquet", "a file name that ends in .parquet")
        check("INPUT", "nothing", bool(self.inputs), "folders, archives or pictures")
        need("pyarrow", "batch", "A .parquet file")
        if self.engine == "ray":
            need("ray", "ray", "--engine ray")

    @cached_property
    def question(self) -> Question:
        """What is asked of each picture."""
        form = None if self.form is None else Form.load(self.form)
        return Question(self.number, self.marks, self.field, form)

    @cached_property
    def hand(self) -> Memory | None:
        """The memory that helps to read."""
        return Memory.load(self.memory) if self.memory else None

    @property
    def about_form(self) -> dict[str, Any]:
        """What tells one form from another, and the names of its boxes."""
        form = self.question.form
        if form is None:
            return {}
        digest = hashlib.sha256(form.to_json().encode()).hexdigest()
        return {"form": {"sha256": digest, "boxes": [box.name for box in form.boxes]}}


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
            self._parts.clear()
            raise _nothing(self._job)
        return self._parts.finish()

    def _answers(self) -> Answers:
        job, copy = self._job, self._copy
        asked = self._parts.asked
        shards = partial(_missing, job.inputs, asked["part"], frozenset(self._parts.done()))
        about = (self._model.stem, asked["model_sha256"], job.question, job.hand)
        alone = partial(Reader.alone, copy or self._model, *about)
        if job.engine == "ray":
            return engines.on_ray(shards, alone, job.jobs, job.address)
        if copy is None:  # TensorFlow in one process, and its own threads, instead of many times over
            return engines.here(shards(), partial(Reader, self._model, *about))
        return engines.in_processes(shards(), alone, job.jobs)


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
    if job.hand:
        job.hand.check_model(lite.origin(model), model.stem)
    found = sources.survey(job.inputs)
    if found.pictures == 0:
        raise _nothing(job)
    asked = {
        "input": found.fingerprint,
        "model": model.stem,
        "model_sha256": sha256(model),
        "card": lite.identity(model),
        "frame_version": FRAME_VERSION,
        "labels": "".join(lite.labels_of(model)),
        "number": job.question.number,
        "marks": job.marks,
        **({"field": list(job.field)} if job.field else {}),
        **({"columns": output.schema({"number": True}).names} if job.question.number else {}),
        **({"memory": sha256(job.memory)} if job.memory else {}),
        **job.about_form,
        "part": job.part,
    }
    parts = Parts(job.out, asked)
    with parts.held():
        is_done, words = parts.begin(job.restart)
        if words:
            say(words)
        yield None if is_done else Work(job, parts, found.pictures, model, lite.find_or_make_copy(model, say))


def _missing(inputs: tuple[str, ...], size: int, done: frozenset[int]) -> Iterator[Shard]:
    """Return the shards whose numbers are not among those done."""
    return (shard for shard in sources.shards(inputs, size) if shard.number not in done)


def _nothing(job: Job) -> ValueError:
    return ValueError(f"{', '.join(job.inputs)}: no pictures; expected {sources.EXPECTED}.")
