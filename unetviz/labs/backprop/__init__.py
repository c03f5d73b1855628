"""How gradients go back through each kind of step, on small arrays."""
