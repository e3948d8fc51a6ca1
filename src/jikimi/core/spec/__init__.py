"""The same decisions, slow and obvious, on exact geodesics: what the engine is tested against."""
