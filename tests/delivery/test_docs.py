"""The page about delivery shows the table that runs."""

from pathlib import Path

from jikimi.delivery.life import diagram

PAGE = Path(__file__).parents[2] / "docs" / "delivery.md"


def test_the_picture_is_the_table():
    drawn = PAGE.read_text().split("```mermaid\n")[1].split("```")[0]
    assert sorted(drawn.split("\n")) == sorted([*diagram().split("\n"), ""])
