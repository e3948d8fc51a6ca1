"""When what is kept about people falls due to be erased. Pure: the caller says what time it is."""
