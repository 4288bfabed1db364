"""What people wrote and put right themselves: kept in `contract.user_dir()`, exported, brought in again."""
