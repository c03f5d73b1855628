"""Every word that a widget shows to a person, in one place, ready for another language."""

from .networks import *
from .numbers import *
from .pictures import *
