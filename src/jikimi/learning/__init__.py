"""Learning to use it: leaflet, poster and course page, made from the texts of her app."""
