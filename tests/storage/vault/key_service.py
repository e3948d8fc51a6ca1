"""A key management service of a test: a program that seals what it is asked to, under a key that it alone has."""

from __future__ import annotations

import base64
import json
import sys
import time

from jikimi.storage.seal import NotAuthenticError, Sealer

SEALER = Sealer(b"k" * 32)


def say(line: str) -> None:
    """Answer at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer each line; behave as the first argument says."""
    how = sys.argv[1]
    for line in sys.stdin:
        question = json.loads(line)
        data, place = base64.b64decode(question["data"]), base64.b64decode(question["place"])
        if how == "silent":
            time.sleep(60)
        if how == "gone":
            return
        if how == "nonsense":
            say("{")
            continue
        try:
            done = SEALER.seal(data, place) if question["do"] == "wrap" else SEALER.open(data, place)
            say(json.dumps({"data": base64.b64encode(done).decode()}))
        except NotAuthenticError:
            say(json.dumps({"error": "not_authentic"}))


if __name__ == "__main__":
    main()
