"""The command line: `python -m digits read|learn|form|batch|explain|export|serve|data`.

Each command has two functions: one adds it and its flags to the parser, the other does it and returns the
exit status. Libraries are imported where they are used: --help and a wrong word are answered at once.
"""

import argparse
import functools
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.config import DEFAULT_MODEL, check_backend, mute_libraries, runs_dir, told

if TYPE_CHECKING:
    from digits.recognizer import Recognizer

CORES = os.cpu_count() or 1

OPEN = """Whoever reaches this machine can ask it: there is no log-in and no encryption.
Put a proxy before it that has both."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit status: 0, 1 when what was made fails its check, 2 for bad input."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes would drown our sentences
    for stream in (sys.stdout, sys.stderr):  # a name in letters that the screen lacks must not end the work
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="python -m digits", description="Read handwritten digits.")
    commands = parser.add_subparsers(dest="command", required=True)
    for add in (_add_read, _add_learn, _add_form_command, _add_batch, _add_explain, _add_export):
        add(commands)
    for add in (_add_serve, _add_data):
        add(commands)
    options = parser.parse_args(arguments)
    try:
        check_backend()
        return options.run(options)
    except (ValueError, OSError, ModuleNotFoundError) as error:
        print(told(error), file=sys.stderr)
        return 2


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--model", default=DEFAULT_MODEL, help="a name in models/ or a path (default: %(default)s)"
    )


def _add_out(command: argparse.ArgumentParser, name: str, words: str) -> None:
    command.add_argument(
        "--out", type=Path, default=runs_dir() / name, help=f"{words} (default: %(default)s)"
    )


def _add_memory(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--memory",
        type=Path,
        metavar="HAND.memory.npz",
        help="read with the memory of a hand, made for this model: see the command learn",
    )


def _add_number(command: argparse.ArgumentParser) -> None:
    command.add_argument("--number", action="store_true", help="read all digits on each picture, in order")
    command.add_argument(
        "--marks", action="store_true", help="numbers with points, commas, minus signs, spaces and lines"
    )
    command.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="what is known of each number: length=8, pattern=dd-ddd or DD.MM.YYYY (of letters LL-dddd: L "
        "capital, l small, A either, X letter or digit), values=12,15, "
        "between=0,60, step=5, check=luhn; with --table of those in a column: 2:length=4; may be given "
        "several times",
    )


def _add_form(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--form",
        metavar="FORM.json",
        help="read the boxes of a form that was marked once: see the command form",
    )


def _add_read(commands: Any) -> None:
    read = commands.add_parser("read", help="read the digit, number, table or form on each picture")
    read.add_argument("files", nargs="+", metavar="FILE", help="pictures, folders and .zip archives of them")
    _add_model(read)
    _add_memory(read)
    _add_number(read)
    read.add_argument(
        "--table", action="store_true", help="read the table with ruled lines on each picture, row by row"
    )
    read.add_argument(
        "--sum",
        action="append",
        default=[],
        choices=["rows", "columns"],
        help="with --table: the last column has the sum of each row, or the last row that of each column; "
        "may be given twice",
    )
    _add_form(read)
    read.add_argument("--json", action="store_true", help="one JSON list instead of a line per file")
    read.add_argument("--csv", metavar="OUT.csv", help="write a table, to the screen with -; no lines then")
    read.add_argument(
        "--xlsx",
        type=Path,
        metavar="OUT.xlsx",
        help="write a spreadsheet: with --table a sheet per picture, with --form a row",
    )
    read.add_argument(
        "--jobs",
        type=int,
        default=min(8, CORES),
        metavar="N",
        help="pictures to read at the same time (default: %(default)s)",
    )
    read.set_defaults(run=_read)


def _read(options: argparse.Namespace) -> int:
    from digits.deploy import answers, lite, table
    from digits.deploy.batch.read import pictures
    from digits.files import write_bytes, write_text
    from digits.models import checkpoints

    if options.json and options.csv == "-":
        raise ValueError("--json and --csv - both write to the screen; expected one of them.")
    if options.xlsx and not (options.table or options.form):
        raise ValueError("--xlsx writes tables; expected --table or --form with it.")
    words = ("number", "marks", "field", "table", "sum", "form")
    kind = answers.kind_of(**{word: getattr(options, word) for word in words})
    if options.xlsx:
        if options.xlsx.suffix.lower() != ".xlsx" or options.xlsx.is_dir():
            raise ValueError(f"--xlsx is {options.xlsx}; expected a file name that ends in .xlsx.")
        table.check_xlsx()
    model = checkpoints.find(options.model)  # before the first picture: a wrong name is refused at once

    @functools.cache  # and only for a good picture
    def reader() -> "Recognizer":
        return lite.load(model, options.memory)

    found = list(pictures(options.files))
    alone, quiet, read = len(found) == 1, options.json or options.csv or options.xlsx, list[Any]()
    with _bar(len(found)) as bar:
        for answer in kind.read(reader, found, options.jobs):
            bar.update()
            prefix = "" if alone else f"{answer.file}: "
            for said in [answer.error] if answer.error else [prefix + note for note in kind.notes(answer)]:
                bar.write(said, file=sys.stderr)
            if not (answer.error or quiet):
                bar.write(kind.said(answer, alone, not read), end="")
            read.append(answer)
    if options.json:
        print(kind.to_json(read), end="")
    if options.csv == "-":
        print(kind.to_csv(read), end="")
    elif options.csv:
        write_text(Path(options.csv), kind.to_csv(read))
    if options.xlsx and (book := kind.to_xlsx(read)):
        write_bytes(options.xlsx, book)
    return 2 if any(answer.error for answer in read) else 0


def _add_learn(commands: Any) -> None:
    learn = commands.add_parser("learn", help="learn the digits of one hand, for read, batch and serve")
    learn.add_argument("folder", type=Path, metavar="FOLDER", help="pictures in folders 0 to 9, by digit")
    _add_model(learn)
    learn.add_argument("--name", help="of the hand (default: as the folder)")
    _add_out(learn, "my_hand.memory.npz", "file to write")
    learn.set_defaults(run=_learn)


def _learn(options: argparse.Namespace) -> int:
    from digits.data import handwriting
    from digits.deploy import lite
    from digits.models import checkpoints, memory
    from digits.train.memory import study

    if not options.out.name.endswith(memory.ENDING):
        raise ValueError(f"--out is {options.out}; expected a file name that ends in {memory.ENDING}.")
    model = checkpoints.find(options.model)
    own = handwriting.load(options.folder)
    for sentence in own.skipped:
        print(sentence, file=sys.stderr)
    name = options.name or options.folder.resolve().name
    lesson = study(lite.load(model, looks=True), own.frames, own.labels, name)
    for doubt in lesson.doubtful:
        print(f"{own.names[doubt.index]}: reads like a {doubt.read}: is the label right?", file=sys.stderr)
    lesson.memory.save(options.out)
    wrong = int((lesson.before != lesson.labels).sum()), int((lesson.after != lesson.labels).sum())
    print(
        f"wrote {options.out}: {len(lesson.memory):,} digits, of which {model.stem} misreads {wrong[0]:,}; "
        f"each left out and read by what the others taught, {wrong[1]:,}."
    )
    return 0


def _add_form_command(commands: Any) -> None:
    form = commands.add_parser(
        "form", help="mark the boxes of a form on a picture of one, so that read --form reads others"
    )
    form.add_argument("file", metavar="FILE", help="a picture of the form, upright, empty or filled in")
    form.add_argument("--title", metavar="NAME", help="what the form is called (default: as the file)")
    form.add_argument(
        "--find", action="store_true", help="take the boxes with closed lines: Box 1, Box 2 ..."
    )
    many = (
        ("name", "FOUND=NAME", "what a box that was found is called, e.g. 'Box 1=Age'"),
        ("box", "NAME=X,Y,WIDTH,HEIGHT", "a box, in pixels of the picture"),
        ("digits", "NAME=N", "it consists of N boxes for a digit each, side by side"),
        ("field", "NAME:KEY=VALUE", "what is known of the number in it, as with read --field"),
        ("marks", "NAME", "also read points, commas and minus signs in it"),
        ("total", "NAME=NAME,NAME", "it is the sum of others"),
    )
    for flag, metavar, words in many:
        words = f"{words}; may be repeated"
        form.add_argument(f"--{flag}", action="append", default=[], metavar=metavar, help=words)
    form.add_argument("--out", type=Path, metavar="FORM.json", help="where to write the form")
    form.add_argument("--draw", type=Path, metavar="OUT.png", help="a picture of it with its boxes and names")
    form.set_defaults(run=_form)


def _form(options: argparse.Namespace) -> int:
    from digits.deploy import form_words
    from digits.files import write_bytes, write_text
    from digits.preprocessing.decode import open_picture

    said = {name: getattr(options, name) for name in form_words.Words.__dataclass_fields__}
    picture = open_picture(options.file)
    title = options.title or Path(options.file).stem
    form = form_words.make(picture, title, form_words.Words(**said), options.find)
    print(form_words.listed(form), end="")
    if options.draw:
        write_bytes(options.draw, form_words.drawn(form, picture))
    if options.out:
        write_text(options.out, form.to_json())
    return 0


def _bar(total: int) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, unit="picture", leave=False, disable=not sys.stderr.isatty())


def _add_batch(commands: Any) -> None:
    batch = commands.add_parser("batch", help="read millions of pictures into a table; goes on after a stop")
    batch.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="folders, .zip, WebDataset .tar and .parquet files (column image or bytes), and pictures",
    )
    batch.add_argument("out", type=Path, metavar="OUT.parquet", help="the table to write: a row per picture")
    _add_model(batch)
    _add_memory(batch)
    _add_number(batch)
    _add_form(batch)
    batch.add_argument(
        "--engine", default="local", help="local: this machine's cores; ray: Ray Data (default: %(default)s)"
    )
    batch.add_argument(
        "--address",
        default="local",
        help="with --engine ray: local starts one here; auto or ray://HOST:PORT is a cluster, which needs "
        "the pictures and this checkout at the same paths (default: %(default)s)",
    )
    batch.add_argument(
        "--jobs",
        type=int,
        default=CORES,
        metavar="N",
        help="pictures to read at the same time, a core each (default: %(default)s)",
    )
    batch.add_argument(
        "--part",
        type=int,
        default=1000,
        metavar="N",
        help="pictures between two savings: what a stop costs at most, per job (default: %(default)s)",
    )
    batch.add_argument("--restart", action="store_true", help="begin anew; replace OUT.parquet")
    batch.set_defaults(run=_batch)


def _batch(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from digits.deploy.batch import output
    from digits.deploy.batch.job import Job, begun

    asked = {name: value for name, value in vars(options).items() if name in Job.__dataclass_fields__}
    job = Job(**asked | {"inputs": tuple(options.inputs), "field": tuple(options.field)})
    again = f"the same line{' without --restart' * job.restart} goes on"
    try:
        with begun(job, functools.partial(print, file=sys.stderr)) as work:
            if work is None:
                rows, errors = output.counts(job.out)
            else:
                with tqdm(total=work.pictures, initial=work.kept, unit="picture", smoothing=0.05) as bar:
                    for read in work:
                        bar.update(read)
                rows, errors = work.finish()
    except KeyboardInterrupt:
        print(f"Stopped. What is finished is kept: {again}.", file=sys.stderr)
        return 130
    except RuntimeError as error:
        print(f"{error}\nWhat is finished is kept: {again}.", file=sys.stderr)
        return 1
    print(f"{job.out}: {rows:,} pictures, {errors:,} of them with an error (see the column of that name).")
    return 2 if errors == rows else 0


def _add_explain(commands: Any) -> None:
    explain = commands.add_parser("explain", help="show why a digit is read as it is")
    explain.add_argument("file", metavar="FILE", help="a picture of one digit")
    _add_model(explain)
    _add_out(explain, "explained", "folder for the PNG files and explanation.json")
    explain.add_argument("--target", metavar="D", help="digit or letter to explain (default: the likeliest)")
    explain.add_argument(
        "--layer", metavar="L", help="layer for Grad-CAM and Grad-CAM++ (default: the last convolution)"
    )
    explain.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    from digits.explain import report
    from digits.plots.text import articles

    said = report.explain_file(options.file, options.model, options.out, options.target, options.layer)
    if not said["asked"]:
        sentence = articles(report.NOT_ASKED.format(target=said["target"]))
        print(f"{options.file}: {sentence}", file=sys.stderr)
    for sentence in dict.fromkeys(said["left_out"].values()):
        print(sentence, file=sys.stderr)
    for method in said["methods"].values():
        print(f"wrote {options.out / method['file']}")
    print(f"wrote {options.out / 'explanation.json'}")
    return 0


def _add_export(commands: Any) -> None:
    export = commands.add_parser("export", help="write a model in forms that other programs take")
    export.add_argument("model", metavar="NAME", help="a name in models/ or the path of a .keras file")
    export.add_argument(
        "--to",
        default="onnx",
        metavar="FORMS",
        help="some of keras,h5,savedmodel,tflite,tflite-f16,tflite-int8,onnx,tfjs (default: %(default)s)",
    )
    _add_out(export, "exports", "folder to write to")
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    from digits.deploy import export

    failed = False
    for check in export.export(options.model, options.to.split(","), options.out):
        failed |= not check.passed
        print(export.sentence(check), file=sys.stdout if check.passed else sys.stderr, flush=True)
    return 1 if failed else 0


def _add_serve(commands: Any) -> None:
    from digits.deploy.server.limits import Limits

    serve = commands.add_parser("serve", help="answer pictures that other programs send over HTTP")
    _add_model(serve)
    _add_memory(serve)
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s, this machine alone)"
    )
    serve.add_argument("--port", type=int, default=8600, help="0 for any free one (default: %(default)s)")
    limits = (
        ("megabytes", "most of a request's body"),
        ("megapixels", "most of a picture"),
        ("seconds", "most from a request to its answer"),
        ("at-once", "most requests at once; to one more, it is said to come again"),
        ("together", "most pictures read in one batch"),
    )
    for name, words in limits:
        usual = getattr(Limits, name.replace("-", "_"))
        serve.add_argument(
            f"--{name}", type=type(usual), default=usual, help=f"{words} (default: %(default)g)"
        )
    serve.add_argument(
        "--readers",
        type=int,
        help="processes that read digits and numbers, some 150 MB each (default: one per core, at most 4; "
        "1 where the model has no light copy)",
    )
    serve.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages from there ask in a browser, e.g. https://example.org; may be repeated",
    )
    serve.add_argument("--access-log", action="store_true", help="a line of JSON per request, to stderr")
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from digits.deploy.server.limits import Limits
    from digits.deploy.server.run import Server

    limits = Limits(**{name: getattr(options, name) for name in Limits.__dataclass_fields__})
    asked = options.host, options.port, options.allow_origin, options.memory, options.readers
    server = Server(options.model, limits, *asked)
    print(f"Listening on {server.address} - its page is at /docs, Ctrl+C ends it.", flush=True)
    if server.is_open:
        print(OPEN, file=sys.stderr)
    server.run(options.access_log)
    return 0


def _add_data(commands: Any) -> None:
    data = commands.add_parser("data", help="show what data is there, and draw samples of it")
    _add_out(data, "data", "folder for the PNG files")
    data.add_argument("--folder", type=Path, help="also look at a folder of own digits, e.g. my_digits")
    data.set_defaults(run=_data)


def _data(options: argparse.Namespace) -> int:
    from digits.train import inspect_data

    for line in inspect_data.describe(options.folder):
        print(line)
    for path in inspect_data.draw(options.out):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    mute_libraries()
    sys.exit(main())
