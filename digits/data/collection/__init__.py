"""What people wrote and put right themselves: kept in `config.user_dir()`, exported, brought in again."""
