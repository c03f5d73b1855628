"""Every word that a widget shows to a person, in one place, ready for another language."""

from .activations import *
from .backward import *
from .backward_grids import *
from .code import *
from .edits import *
from .fcn import *
from .gradient_check import *
from .images import *
from .microscope import *
from .networks import *
from .numbers import *
from .pixel_gradient import *
from .score_sum import *
from .surgery import *
from .training import *
