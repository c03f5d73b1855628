"""Words of the explorer of feature maps and of the choice of an image."""

IMAGE = "PlacedImage"
NETWORK = "Network"
MAP = "Map"
SCALE_OF = "Colours"
SCALES = {"a scale for each channel": "channel", "one scale for all channels": "layer"}
LOOK_FOR_FILES = "Look for files"
LOOK_HELP = "Lists the images and .keras files that lie in the folder of this notebook"
PICK_FILE = "Or an image of your own:"
TOO_LARGE = (
    "{name} has {size:.1f} MB; at most {largest} MB fit through this connection. Drop the file "
    "into the file panel on the left, press Look for files, and choose it from the list."
)
OWN_FILE = "your file: {name}"
KEPT = "What was shown before is still shown."
NOT_A_MAP_NETWORK = "This network cannot be shown: {error}"
SHEET_LABEL = (
    "All channels of the chosen map as small images. Arrow keys move, and the channel under the "
    "marker is shown large."
)
SHEET_WORDS = {
    "help": "A click on a channel shows it large.",
    "held": "Arrow keys move on; Esc lets the pointer choose again.",
}
CHANNEL_LABEL = "One channel of the chosen map. Arrow keys move from pixel to pixel."
VALUE_AT = "row {row}, column {column}: {value}"
POINT_AT_IT = "Point at a pixel to read its number."
SHOWN_LARGE = "Channel"
SHOWN_CHANNEL = "channel {channel} of {step}, {low} to {high}"
SHOWN_COLOURS = {
    "sequential": "colours: dark is {low}, bright is {high}",
    "diverging": "colours: blue is {low}, white is 0, red is {high}",
}
MAP_SIZE = "{step}: {label}; {height} x {width} pixels, {channels} channels."
CHANNELS_ONE_SCALE = "One scale for all channels: {low} to {high}."
CHANNELS_OWN_SCALE = (
    "Each channel has its own scale, up to its own largest number: a faint channel looks as "
    "strong as a loud one."
)
DEAD = "Dead here, 0 at every pixel of this image: channel {channels} ({count} of {all})."
NO_NETWORKS = "networks must hold at least one network, such as {'cells': model}"
NOT_NUMBERS = (
    "There is no number (NaN) in channel {channels}: the weights of this network are broken."
)
NO_DEAD = "No channel is dead: none is 0 at every pixel of this image."
CONSTANT = "The same number at every pixel: channel {channels}."
THUMBNAILS = (
    "In the drawing, each map shows the one of its first {count} channels that differs most from "
    "pixel to pixel, with a scale of its own."
)
CHANNEL_COLUMNS = ("channel", "smallest", "mean", "largest")
ACTIVATION_CAPTION = "What {network} makes of {image}: a real channel in each map of its U."
