"""What schemathesis cannot know of this service: JSON lines, and names of things that are there.

Without such names nearly every answer would be "there is no such run". ROLESTREAM_KNOWN has lists of them, by the part
of a path that stands before a parameter (`runs` of `/runs/{id}`), or by the name of a query parameter or of a body's
field. Every other request of an operation gets one in place of what was made up.
"""

import itertools
import json
import os

import schemathesis

KNOWN = json.loads(os.environ.get("ROLESTREAM_KNOWN", "{}"))
SEEN = os.environ.get("ROLESTREAM_SEEN")
counts = {}
seen = set()


@schemathesis.serializer("application/x-ndjson")
def json_lines(ctx, value):
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        value = json.dumps(value)
    return value.encode("utf-8", errors="surrogatepass")


@schemathesis.hook
def before_call(ctx, case, kwargs):
    number = next(counts.setdefault(case.operation.label, itertools.count()))
    # What is deleted is gone for those who come later, and it may be this program's own token, for it tries names that
    # it saw in answers: only the last name of a list is for that.
    deletes = case.method.upper() == "DELETE"
    if number % 2 == 0 and not deletes:
        return

    def one(names):
        return names[-1] if deletes else names[number // 2 % len(names)]

    parts = case.operation.path.split("/")
    for before, part in zip(parts, parts[1:]):
        name = part.strip("{}")
        if part.startswith("{") and before in KNOWN and isinstance(case.path_parameters, dict):
            case.path_parameters[name] = one(KNOWN[before])
    for place in (case.query, case.body):
        if isinstance(place, dict):
            for name in place:
                if name in KNOWN:
                    place[name] = one(KNOWN[name])


@schemathesis.hook
def after_call(ctx, case, response):
    """Notes which operations were answered well: of the others only refusals were compared."""
    label = case.operation.label
    if SEEN and response.status_code < 300 and label not in seen:
        seen.add(label)
        with open(SEEN, "a", encoding="utf-8") as file:
            file.write(label + "\n")
