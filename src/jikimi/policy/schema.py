"""The JSON Schema of a policy file, for editors that complete and check TOML while one types.

``python -m jikimi.policy.schema`` writes it anew beside the presets. The loader does not use it: it knows more (order,
citations) and says where.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from jikimi.model.policy import Policy
from jikimi.policy.bounds import NUMBERS, TEXTS, UNBOUNDED

SCHEMA = Path(__file__).parent / "policy.schema.json"


def schema() -> dict[str, Any]:
    """Return the schema, made from the types and the bounds."""
    document = msgspec.json.schema(Policy)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for definition in document["$defs"].values():
        if definition.get("type") == "object":
            _tighten(definition)
    return document


def encoded() -> bytes:
    """Return the schema as the file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n"


def _tighten(definition: dict[str, Any]) -> None:
    definition["additionalProperties"] = False
    definition["description"] = " ".join(definition["description"].split())
    for name, field in definition["properties"].items():
        key = (definition["title"], name)
        for choice in (*field.get("anyOf", ()), field.get("items", field)):
            if choice.get("type") == "number":
                choice["minimum"] = NUMBERS[key].least
                if key not in UNBOUNDED:
                    choice["maximum"] = NUMBERS[key].most
            if choice.get("type") == "string" and key in TEXTS:
                choice["pattern"] = f"^(?:{TEXTS[key].pattern.pattern})$"


if __name__ == "__main__":
    SCHEMA.write_bytes(encoded())
