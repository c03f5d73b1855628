"""A network as layers of Keras: their settings, what is made and called, and the text of it."""
