"""Scripts that make models, one each: `python training/train_cnn.py`; see README.md here."""
