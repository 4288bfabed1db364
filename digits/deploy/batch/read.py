"""Read many pictures: files, folders, archives and patterns in, a row for each out, all in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import BinaryIO, TypeVar

from PIL import Image

from digits.config import SUFFIXES
from digits.deploy.batch import archives
from digits.deploy.batch.archives import is_wanted, named, open_zip, plain, refuse, unpack
from digits.deploy.batch.sources import walk
from digits.deploy.form import Filled
from digits.deploy.question import Question
from digits.deploy.table import Sheet
from digits.forms import Form
from digits.preprocessing.decode import Picture, open_picture
from digits.preprocessing.pages import PAGED
from digits.reading import Row
from digits.recognizer import Recognizer
from digits.tables.known import NOTHING, Known

Opener = Callable[[], Image.Image]
"""Opens a picture, or raises a ValueError that says in a sentence why it cannot."""

Done = TypeVar("Done", Row, Sheet, Filled)

MOST_MEMBERS = 5000
"""Pictures in one archive."""


def pictures(sources: Iterable[str | Path | BinaryIO]) -> Iterator[tuple[str, Opener]]:
    """Find the pictures in files, folders (with all inner ones), .zip archives and patterns like *.jpg.

    Args:
        sources: paths, patterns, or open binary files that have a `name`.

    Yields:
        The name of each picture, or page of a document, and what opens it. What cannot be used at
        all - no such file, a folder without pictures - is a name as well, and its opener raises the reason.
    """
    for source in sources:
        if isinstance(source, str | Path):
            yield from _of_path(Path(source))
        elif Path(source.name).suffix.lower() == ".zip":
            yield from _of_archive(source)
        else:
            yield from _pages(plain(source.name), _again(source))


DIGIT = Question()
"""What a picture of one digit is asked."""


def read_all(
    reader: Callable[[], Recognizer],
    found: Iterable[tuple[str, Opener]],
    question: Question = DIGIT,
    jobs: int = 1,
) -> Iterator[Row]:
    """Read pictures, in threads: the work is done in OpenCV and TensorFlow, which leave Python's lock.

    Args:
        reader: returns the recognizer; asked when the first picture is open, so that a list of nothing but
            wrong names needs no TensorFlow.
        found: see `pictures`.
        question: what is asked of each.
        jobs: how many pictures to read at the same time; no more than twice as many are held in memory.

    Yields:
        One row per picture, in the order of `found`. A picture that cannot be read is a row with an error.

    Raises:
        ValueError: the recognizer cannot be loaded, or fewer than one job.
    """
    return _through(reader, found, jobs, partial(read_one, question=question), Row)


def read_tables(
    reader: Callable[[], Recognizer],
    found: Iterable[tuple[str, Opener]],
    marks: bool = False,
    jobs: int = 1,
    known: Known = NOTHING,
) -> Iterator[Sheet]:
    """Read a table from each picture; see `read_all`, and `Recognizer.read_table` for the rest."""

    def read(recognizer: Recognizer, name: str, picture: Picture) -> Sheet:
        try:
            return Sheet(name, recognizer.read_table(picture, marks, known.fields, known.sums))
        except Exception as error:  # see `read_one`
            return Sheet(name, error=_with_name(name, error))

    return _through(reader, found, jobs, read, Sheet)


def read_forms(
    reader: Callable[[], Recognizer], found: Iterable[tuple[str, Opener]], form: Form, jobs: int = 1
) -> Iterator[Filled]:
    """Read a form from each picture; see `read_all` and `Recognizer.read_form`."""
    return _through(reader, found, jobs, partial(read_form, form=form), Filled)


def _through(
    reader: Callable[[], Recognizer],
    found: Iterable[tuple[str, Opener]],
    jobs: int,
    read: Callable[[Recognizer, str, Picture], Done],
    failed: Callable[[str, None, str], Done],
) -> Iterator[Done]:
    """Open pictures and read them in threads; see `read_all`. `failed` makes what becomes of one that cannot
    be opened, of its name, nothing, and why."""
    if jobs < 1:
        raise ValueError(f"{jobs} jobs; expected at least 1.")
    loading = Lock()

    def do(name: str, opener: Opener) -> Done:
        try:
            picture = opener()
        except ValueError as error:
            return failed(name, None, _with_name(name, error))
        with loading:
            recognizer = reader()
        return read(recognizer, name, picture)

    waiting: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(jobs, thread_name_prefix="read") as pool:
        for name, opener in found:
            waiting.append(pool.submit(do, name, opener))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read_one(recognizer: Recognizer, name: str, picture: Picture, question: Question) -> Row:
    """Read a picture that is open; see `read_all`."""
    try:
        reading = question.ask(recognizer, picture)
    except Exception as error:  # whatever one picture brings about must not cost the other thousand
        return Row(name, error=_with_name(name, error))
    return Row(name, reading)


def read_form(recognizer: Recognizer, name: str, picture: Picture, form: Form) -> Filled:
    """Read a form on a picture that is open; see `read_forms`."""
    try:
        return Filled(name, recognizer.read_form(picture, form))
    except Exception as error:  # see `read_one`
        return Filled(name, error=_with_name(name, error))


def _of_path(path: Path) -> Iterator[tuple[str, Opener]]:
    if path.is_dir():
        inner = walk(path)
        first = next(inner, None)
        if first is None:
            yield _bad(path, "a folder without pictures")
            return
        yield from (
            page for file in chain([first], inner) for page in _pages(plain(file), partial(Path, file))
        )
    elif path.suffix.lower() == ".zip" and path.is_file():
        yield from _of_archive(path)
    elif any(sign in str(path) for sign in "*?[") and not path.exists():  # Windows leaves this to programs
        found = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
        matches = sorted(match for match in found if not match.name.startswith("."))
        yield from (pair for match in matches for pair in _of_path(match))
        if not matches:
            yield _bad(path, "no file matches this pattern")
    else:
        yield from _pages(plain(path), partial(Path, path))


def _pages(name: str, source: archives.Opener) -> Iterator[tuple[str, Opener]]:
    """Yield each page of a file, which is one alone where it has not several."""
    for item in archives.each_page(archives.Item("", name, source)):
        yield item.key, partial(_open, item)


def _again(file: BinaryIO) -> archives.Opener:
    """Return what opens a file once more for each of its pages, which may be read at the same time."""
    if Path(file.name).suffix.lower() not in PAGED:
        return lambda: file
    file.seek(0)
    return partial(named, file.read(), plain(file.name))


def _open(item: archives.Item) -> Image.Image:
    return open_picture(item.open(), item.page)


def _of_archive(file: Path | BinaryIO) -> Iterator[tuple[str, Opener]]:
    name = file if isinstance(file, Path) else file.name
    try:
        archive = open_zip(file)  # its openers share it; it closes when the last of them is gone
    except ValueError as error:
        yield plain(name), partial(refuse, str(error))
        return
    wanted = [m for m in archive.infolist() if is_wanted(Path(m.filename), SUFFIXES | {".zip"})]
    if not 0 < len(wanted) <= MOST_MEMBERS:
        yield _bad(name, f"an archive with {len(wanted):,} pictures; expected 1 to {MOST_MEMBERS:,}")
        return
    for member in wanted:
        inner = plain(f"{name}/{member.filename}")  # only ever a name: nothing is unpacked onto the disk
        yield from _pages(inner, partial(unpack, archive, member, inner))


def _bad(name: str | Path, reason: str) -> tuple[str, Opener]:
    return plain(name), partial(refuse, f"{plain(name)}: {reason}.")


def _with_name(name: str, error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text if name in text else f"{name}: {text}"
