"""What a result must hold: schema.json, asked before a result counts."""

from pathlib import Path

from jsonschema import Draft202012Validator

from digits.files import read_json

SCHEMA = read_json(Path(__file__).with_name("schema.json"))


def problems(kind: str, result: dict) -> list[str]:
    """Return what is wrong with a result of a kind ("mnist" for MNIST's test digits), a sentence each."""
    validator = Draft202012Validator(SCHEMA | {"allOf": [{"$ref": f"#/$defs/{kind or 'mnist'}"}]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(result)]
