"""`python -m benchmarks [NAME ...]`: run all benchmarks, or those named."""

import sys

from benchmarks import (
    backlog,
    claims,
    discord_actions,
    helpdesk,
    history,
    indexing,
    nudges,
    parsing,
    push,
    search,
    slack_actions,
    slack_posts,
    spool_to_card,
    startup,
    whispers,
)

BENCHMARKS = {
    "claims": claims.main,
    "startup": startup.main,
    "spool_to_card": spool_to_card.main,
    "parsing": parsing.main,
    "backlog": backlog.main,
    "helpdesk": helpdesk.main,
    "push": push.main,
    "slack_actions": slack_actions.main,
    "slack_posts": slack_posts.main,
    "discord_actions": discord_actions.main,
    "search": search.main,
    "indexing": indexing.main,
    "history": history.main,
    "nudges": nudges.main,
    "whispers": whispers.main,
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; answers with the exit status."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
