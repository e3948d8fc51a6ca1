"""The schema that editors read is the one the types make, and every field has its bounds."""

from __future__ import annotations

import re

from jikimi.policy.bounds import NUMBERS, TEXTS
from jikimi.policy.schema import SCHEMA, encoded, schema


def fields(kind: str):
    for definition in schema()["$defs"].values():
        for name, field in definition.get("properties", {}).items():
            choices = [field, *field.get("anyOf", ()), field.get("items", {})]
            if any(choice.get("type") == kind and "format" not in choice for choice in choices):
                yield definition["title"], name


def test_the_file_is_current():
    assert SCHEMA.read_bytes() == encoded(), "run: python -m jikimi.policy.schema"


def test_every_number_and_text_is_bounded():
    assert set(fields("number")) == set(NUMBERS)
    assert set(fields("string")) == set(TEXTS)


def test_unknown_keys_are_refused_and_bounds_stand_in_it():
    definitions = schema()["$defs"]
    assert all(definition["additionalProperties"] is False for definition in definitions.values() if definition.get("type") == "object")
    assert definitions["Times"]["properties"]["watch_s"] == {"type": "number", "minimum": 10.0, "maximum": 86_400.0}
    assert definitions["Ring"]["properties"]["least_m"]["anyOf"][0]["minimum"] == 10.0
    assert re.match(definitions["Policy"]["properties"]["policy_id"]["pattern"], "us-tn")
