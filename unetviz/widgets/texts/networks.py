"""Words of the panels that show networks, and those that all panels share."""

SIZE = "PlacedImage size"
SIZE_HINT = "height x width"
ASK_SIZE = "Type a size, height x width, such as 500 x 375."
PADDING = "Padding"
FITS = "{size} fits: {output} come out, and no pixel is lost on the way."
LOSES = "{size} works, {output} come out, but pixels are lost on the way."
FAILS = "{size} does not work with this network."
UNREADABLE = "This cannot be read: {error}."
WHAT_TO_DO = "What to do:"

ANSWER = "Your answer"
CHECK = "Check"
SHOW_ANSWER = "Show the answer"
ASK_NUMBER = "Type a whole number, such as 64."
ASK_WORD = "Type an answer first."
RIGHT = "{answer} is right."
WRONG_ONCE = "{given} is not it. A hint: {hint}"
WRONG_AGAIN = "{given} is not it either. The answer is {answer}."
SHOWN = "The answer is {answer}."

UNEXPECTED = "This should not happen: {error}. What was shown before is still valid."

DRAWING_LABEL = (
    "Drawing of the {network}. Left and right arrow keys step, Home and End go to the ends, "
    "Space plays and pauses, a click goes to a step."
)
STEP_WORDS = {
    "back": "\u25c0 Back",
    "next": "Next \u25b6",
    "play": "Play",
    "pause": "Pause",
    "speed": "Speed",
    "speeds": [["slow", 3], ["normal", 1.5], ["fast", 0.5]],
    "facts": "in {in} \u2192 out {out}",
    "facts_input": "out {out}",
    "params": "; {params} parameters",
    "place": "Step {step} of {steps}",
    "predict": "Predict the sizes",
    "copy": "Copy this state",
    "copied": "Copied",
    "line": "This state as one line of Python",
    "height": "Height that comes out",
    "width": "Width that comes out",
    "check": "Check",
    "fails": "It does not fit",
    "fits": "It does fit. {rule}.",
    "skip": "Skip",
    "skipped": "Skipped; the reason stands above.",
    "question": "Next: {name}, {label}. In: {size_in}. Which size comes out?",
    "number": "Type a whole number, such as 64.",
    "right": "{given}: right, for the reason above.",
    "wrong": "{given} is not it. {rule}.",
    "wrong_again": "{given} is not it either. {rule}.",
    "and_hint": " A hint: {hint}",
    "finished": "All steps are known. Untick the box to leave, or tick it again at an early step.",
    "score": "Score: {right} right at once, {helped} after help, {skipped} skipped, of {steps}.",
    "totals_hidden": "The totals are shown when all steps are known.",
    "table": "Table. ",
    "columns": ["step", "operation", "in", "out", "why", "parameters"],
}

HINT_FAILS = "Compare the sizes that come in."
PRESETS = {
    "the paper's figure": "paper",
    "the document's code": "document",
    "a size that fails": "failing",
}
PRESET = "Network"
CHANGED = "changed"
RESET = "Reset"
HEIGHT = "Height"
WIDTH = "Width"
SQUARE = "square"
SIZES_THAT_FIT = "{axis} that fit:"
AXES = ("Heights", "Widths")
BOTH_AXES = "Sizes"
RUN_TO_PREDICT = "**Run this cell, then type the sizes yourself.**"
PIXEL_BUDGET = "Where it goes"
HIDDEN = "Shown when you have predicted all sizes."
CODE = "Keras code"
NO_CODE = "Keras cannot build this size. "
