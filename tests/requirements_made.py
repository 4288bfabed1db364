"""What is required of models, for tests."""

from digits.config import results_dir


def require(name: str, **limits: float) -> None:
    """Write the requirements of one model, and of no other."""
    rules = (
        f'[models.{name}.{measure}]\nlimit = {limit}\nsince = 2026-11-23\nreason = "A goal."\n'
        for measure, limit in limits.items()
    )
    (results_dir().parent / "requirements.toml").write_text("\n".join(rules), encoding="utf-8")
