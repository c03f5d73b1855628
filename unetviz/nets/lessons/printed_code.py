"""The Keras function that the document's section 9 prints, and the fixes that today's Keras needs.

The document does not import its names, and today's Keras refuses two of its keywords.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .._tensorflow import default_configuration

PRINTED = """\
def unet(pretrained_weights = None,input_size = (256,256,1)):
    inputs = Input(input_size)
    conv1 = Conv2D(64, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(inputs)
    conv1 = Conv2D(64, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv1)
    pool1 = MaxPooling2D(pool_size=(2, 2))(conv1)
\t
    conv2 = Conv2D(128, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(pool1)
    conv2 = Conv2D(128, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv2)
    pool2 = MaxPooling2D(pool_size=(2, 2))(conv2)
\t
    conv3 = Conv2D(256, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(pool2)
    conv3 = Conv2D(256, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv3)
    pool3 = MaxPooling2D(pool_size=(2, 2))(conv3)
\t
    conv4 = Conv2D(512, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(pool3)
    conv4 = Conv2D(512, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv4)
    drop4 = Dropout(0.5)(conv4)
    pool4 = MaxPooling2D(pool_size=(2, 2))(drop4)

    conv5 = Conv2D(1024, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(pool4)
    conv5 = Conv2D(1024, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv5)
    drop5 = Dropout(0.5)(conv5)

    up6 = Conv2D(512, 2, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(UpSampling2D(size = (2,2))(drop5))
    merge6 = concatenate([drop4,up6], axis = 3)
    conv6 = Conv2D(512, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(merge6)
    conv6 = Conv2D(512, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv6)

    up7 = Conv2D(256, 2, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(UpSampling2D(size = (2,2))(conv6))
    merge7 = concatenate([conv3,up7], axis = 3)
    conv7 = Conv2D(256, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(merge7)
    conv7 = Conv2D(256, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv7)

    up8 = Conv2D(128, 2, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(UpSampling2D(size = (2,2))(conv7))
    merge8 = concatenate([conv2,up8], axis = 3)
    conv8 = Conv2D(128, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(merge8)
    conv8 = Conv2D(128, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv8)

    up9 = Conv2D(64, 2, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(UpSampling2D(size = (2,2))(conv8))
    merge9 = concatenate([conv1,up9], axis = 3)
    conv9 = Conv2D(64, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(merge9)
    conv9 = Conv2D(64, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv9)
    conv9 = Conv2D(2, 3, activation = 'relu', padding = 'same', kernel_initializer = 'he_normal')(conv9)
\t
    conv10 = Conv2D(1, 1, activation = 'sigmoid')(conv9)
    model = Model(input = inputs, output = conv10)
    model.compile(optimizer = Adam(lr = 1e-4), loss = 'binary_crossentropy', metrics = ['accuracy'])
    if(pretrained_weights):
    \tmodel.load_weights(pretrained_weights)
    return model
"""  # noqa: E501
"""The function's source, character by character as in the document; Python accepts its tabs."""

_FILTERS = re.compile(r"(?<=\bConv2D\()\d+")


@dataclass(frozen=True)
class CodeFix:
    """One place of the printed code that has to be changed.

    Attributes
    ----------
    printed, fixed : str
        The printed code, and the code that has to replace it.
    why : str
        The reason, in one sentence.
    """

    printed: str
    fixed: str
    why: str

    def applied(self, source: str) -> str:
        """Return a source in which this place is fixed.

        Raises
        ------
        ValueError
            If the place is not found exactly once.

        Examples
        --------
        >>> CodeFix("lr = ", "learning_rate = ", "").applied("Adam(lr = 1e-4)")
        'Adam(learning_rate = 1e-4)'
        """
        count = source.count(self.printed)
        if count != 1:
            raise ValueError(
                f"{self.printed!r} must occur in the source exactly once, not {count} times; "
                "fix the source as the document prints it"
            )
        return source.replace(self.printed, self.fixed)


FIXES = (
    CodeFix(
        "def unet(",
        "from keras import Model\n"
        "from keras.layers import Conv2D, Dropout, Input, MaxPooling2D, UpSampling2D, concatenate\n"
        "from keras.optimizers import Adam\n\n"
        "def unet(",
        "The document prints the function alone; its names have to be imported first.",
    ),
    CodeFix(
        "input = inputs, output = conv10",
        "inputs = inputs, outputs = conv10",
        "Model names its ends inputs and outputs, also where there is only one of each.",
    ),
    CodeFix(
        "lr = 1e-4",
        "learning_rate = 1e-4",
        "Optimizers call it learning_rate; the short name was dropped.",
    ),
)
"""The fixes that today's Keras needs, in the order in which Python reaches them."""


@dataclass(frozen=True)
class PrintedError:
    """The error that Python raises for one place of the printed code.

    Attributes
    ----------
    fix : CodeFix
        The change that removes the error.
    error : str
        Name of the exception's type, such as ``"NameError"``.
    message : str
        First line of its message.
    """

    fix: CodeFix
    error: str
    message: str

    def __str__(self) -> str:
        return f"{self.error}: {self.message}"


def fixed_code() -> str:
    """Return the source of the document's function with its imports, so that it runs.

    Examples
    --------
    >>> [line.strip() for line in fixed_code().splitlines() if "Model(" in line]
    ['model = Model(inputs = inputs, outputs = conv10)']
    """
    source = PRINTED
    for fix in FIXES:
        source = fix.applied(source)
    return source


def narrowed(source: str, divisor: int) -> str:
    """Return a source whose convolutions have fewer filters, with everything else the same.

    Parameters
    ----------
    source : str
        Python code that writes its convolutions as ``Conv2D(64, ...)``.
    divisor : int
        Numbers of filters are divided by it; numbers that it does not divide, such as 2 and 1 at
        the end, stay.

    Examples
    --------
    >>> narrowed("Conv2D(64, 3), Conv2D(2, 3)", 16)
    'Conv2D(4, 3), Conv2D(2, 3)'
    """

    def fewer(found: re.Match[str]) -> str:
        filters = int(found[0])
        return found[0] if filters % divisor else str(filters // divisor)

    return _FILTERS.sub(fewer, source)


def errors_of_printed_code() -> tuple[PrintedError, ...]:
    """Run the printed code in the installed Keras, and collect the errors that stop it.

    Returns
    -------
    tuple of PrintedError
        One for each of `FIXES`: the error that is raised while this fix and those after it are
        missing.

    Raises
    ------
    RuntimeError
        If the installed Keras no longer needs one of them.

    See Also
    --------
    fixed_code : The source with all fixes.
    """
    # The errors do not depend on the number of filters; few of them save memory.
    source, errors = narrowed(PRINTED, 16), []
    for fix in FIXES:
        errors.append(_error(source, fix))
        source = fix.applied(source)
    return tuple(errors)


def _error(source: str, fix: CodeFix) -> PrintedError:
    namespace: dict[str, Any] = {}
    exec(compile(source, "<the document>", "exec"), namespace)
    try:
        with default_configuration():
            namespace["unet"](input_size=(16, 16, 1))
    except Exception as error:
        lines = str(error).splitlines() or [""]
        return PrintedError(fix, type(error).__name__, lines[0])
    raise RuntimeError(f"Keras takes {fix.printed!r} as it is printed; there is nothing to fix")
