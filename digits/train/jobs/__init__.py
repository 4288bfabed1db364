"""Fine-tuning in the background while the app is used: it starts, is watched, and ends."""
