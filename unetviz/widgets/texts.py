"""Every word that a widget shows to a person, in one place, ready for another language."""

SIZE = "Picture size"
SIZE_HINT = "height x width, such as 1364 x 659"
PADDING = "Padding"
PADDINGS = {"same (zeros around the map)": "same", "valid (no zeros)": "valid"}
DEPTH = "Poolings"
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
