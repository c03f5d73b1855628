"""Sizes, reasons and costs of U-Nets; the standard library is all it needs.

Even `typing` is left to type checkers here: loading it would take a sixth of the time in which this
package starts. The plain ``TYPE_CHECKING = False`` in its modules is what type checkers know.
"""

from unetviz._public import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)

del attach
