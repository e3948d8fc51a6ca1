"""How a position leaves for human eyes: the gate that decides, the viewer that writes down, the frames that go out."""
