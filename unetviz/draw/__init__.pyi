"""The public names of this layer."""

from .charts.chart import Chart as Chart
from .charts.gradient_norms import draw_norms as draw_norms
from .charts.pixel_budget import draw_pixel_budget as draw_pixel_budget
from .charts.pixel_budget import pixel_budget_figure as pixel_budget_figure
from .charts.training import draw_training as draw_training
from .drawing import Drawing as Drawing
from .handout.sheets import write_handout as write_handout
from .handout.worksheet import draw_worksheet as draw_worksheet
from .images.detection import draw_detection_and_segmentation as draw_detection_and_segmentation
from .images.maps import draw_map as draw_map
from .images.maps import draw_patches as draw_patches
