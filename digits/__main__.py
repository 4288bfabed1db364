"""The command line: `python -m digits COMMAND`; see digits/commands/."""

import argparse
import io
import os
import sys

from digits.commands import batch, data, explain, export, read, serve


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit status: 0, 1 when what was made fails its check, 2 for bad input."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes would drown our sentences
    for stream in (sys.stdout, sys.stderr):  # a name in letters that the screen lacks must not end the work
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="python -m digits", description="Read handwritten digits.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (read, batch, explain, export, serve, data):
        command.add(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
