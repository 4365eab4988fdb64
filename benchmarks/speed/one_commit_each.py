"""The API as it would be without group commit: what `benchmarks ingest` compares with.

python -m benchmarks.speed.one_commit_each --port P
"""

from services.api.__main__ import main
from services.api.ingest import group_commit

if __name__ == "__main__":
    group_commit.GROUP_ROWS = 1  # a group is full with its first request
    main()
