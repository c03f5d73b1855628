"""Random networks that no few numbers describe: blocks with shortcuts, gates, nested skips."""

from random import Random

from unetviz.geometry.ops import (
    Addition,
    AveragePooling,
    Combination,
    Concatenation,
    Convolution,
    Dropout,
    MaxPooling,
    Pointwise,
    SeparableConvolution,
    TransposedConvolution,
    Upsampling,
)
from unetviz.geometry.specs.from_model import Record, RecordedSpec


def random_graph(seed):
    """Return a network as a list of its operations; the same for the same seed."""
    return _Writer(Random(seed)).spec()


class _Writer:
    def __init__(self, random):
        self.random, self.records = random, []
        self.levels, self.channels = {"image": 1}, {"image": random.choice((1, 3))}
        self.side = "encoder"

    def add(self, operation, *inputs, level=None, channels=None):
        name = f"step{len(self.records)}"
        before = self.levels[inputs[0]]
        level = before if level is None else level
        self.levels[name] = level
        self.channels[name] = channels or self.channels[inputs[0]]
        kind = operation.kind
        own = before if kind == "pool" else level
        self.records.append(Record(name, kind, operation, inputs, own, self.side, map_level=level))
        return name

    def conv(self, x, filters=None, kernel=3):
        filters = filters or self.random.choice((2, 4, 16, 100, 1000))
        shape = (filters, (kernel, kernel))
        operation = self.random.choice(
            (
                Convolution(*shape, padding="same"),
                Convolution(*shape, padding="same", dilation=(2, 2)),
                SeparableConvolution(*shape, padding="same"),
                TransposedConvolution(*shape, (1, 1), "same"),
            )
        )
        x = self.add(operation, x, channels=filters)
        if self.random.random() < 0.2:
            x = self.add(Dropout(0.5), x)
        return self.add(Pointwise("relu", "activation", "ReLU"), x)

    def block(self, x):
        kind = self.random.choice(("plain", "plain", "residual", "projected", "dense", "parallel"))
        filters = self.channels[x]
        if kind == "residual":
            return self.add(Addition(), self.conv(self.conv(x), filters), x)
        if kind == "projected":
            filters = self.random.choice((4, 16, 1000))
            return self.add(Addition(), self.conv(self.conv(x), filters), self.conv(x, filters, 1))
        if kind == "dense":
            for _ in range(2):
                x = self.concat(x, self.conv(x))
            return x
        if kind == "parallel":
            pool = self.add(MaxPooling((3, 3), (1, 1), "same"), x)
            return self.concat(self.conv(x, kernel=1), self.conv(x, kernel=5), pool)
        for _ in range(self.random.choice((1, 2, 3))):
            x = self.conv(x)
        return x

    def concat(self, *inputs):
        return self.add(Concatenation(), *inputs, channels=sum(self.channels[x] for x in inputs))

    def down(self, x, levels=1):
        factor, level = (2**levels, 2**levels), self.levels[x] + levels
        kind = self.random.choice(("max", "average", "strided"))
        if kind == "strided":
            strided = Convolution(self.channels[x], (3, 3), factor, "same")
            main = self.add(strided, x, level=level)
            if self.random.random() < 0.5:
                return main
            # A residual block that is strided: two arrows go down.
            return self.add(Addition(), main, self.add(strided, x, level=level))
        pooling = {"max": MaxPooling, "average": AveragePooling}[kind]
        return self.add(pooling(factor, factor), x, level=level)

    def up(self, x, levels=1):
        factor, level = (2**levels, 2**levels), self.levels[x] - levels
        operation = self.random.choice(
            (
                Upsampling(factor),
                Upsampling(factor, "bilinear"),
                TransposedConvolution(self.channels[x], factor, factor),
            )
        )
        x = self.add(operation, x, level=level)
        return self.conv(x) if self.random.random() < 0.3 else x

    def gated(self, skip, signal):
        filters = 4
        both = self.add(Addition(), self.conv(skip, filters, 1), self.conv(signal, filters, 1))
        weights = self.conv(both, 1, 1)
        return self.add(Combination("Multiply"), skip, weights)

    def join(self, x, skips):
        kind = self.random.choice(("concat", "concat", "add", "gate", "none", "all"))
        if kind == "add":
            return self.add(Addition(), x, self.conv(skips[-1], self.channels[x], 1))
        if kind == "gate":
            return self.concat(x, self.gated(skips[-1], x))
        if kind == "all":
            return self.concat(*skips, x)
        return x if kind == "none" else self.concat(skips[-1], x)

    def spec(self):
        depth, x, skips = self.random.choice((1, 2, 3, 4)), "image", {}
        for level in range(1, depth + 1):
            maps = [self.conv(x)]
            maps.append(self.block(maps[-1]))
            skips[level] = maps
            if level > 2 and self.random.random() < 0.3:  # a finer map is joined too
                maps.insert(0, self.down(skips[level - 2][0], 2))
            x = self.down(maps[-1])
        self.side = "bottleneck"
        x = bottom = self.block(x)
        self.side = "decoder"
        for level in range(depth, 0, -1):
            x = self.join(self.up(x), skips[level])
            if level < depth and self.random.random() < 0.2:  # from the bottom straight up
                x = self.concat(x, self.up(bottom, depth + 1 - level))
            x = self.block(x)
        self.side = "head"
        x = self.add(Convolution(2, (1, 1), activation="linear"), x, channels=2)
        self.add(Pointwise("softmax", "activation", "Softmax"), x)
        return RecordedSpec((64, 64), self.channels["image"], tuple(self.records), "image")


def nested(depth):
    """Return a U-Net++: map ``x<level><number>`` is made of all before it in its row."""
    same, records = Convolution(4, padding="same"), []

    def add(name, operation, *inputs, level, side, map_level=None):
        kind = operation.kind
        records.append(Record(name, kind, operation, inputs, level, side, map_level=map_level))

    for level in range(depth + 1):
        side, source = "encoder" if level < depth else "bottleneck", "image"
        if level:
            source = f"pool{level}"
            above = f"x{level - 1}0"
            add(source, MaxPooling(), above, level=level, side="encoder", map_level=level + 1)
        add(f"x{level}0", same, source, level=level + 1, side=side)
    for number in range(1, depth + 1):
        for level in range(depth + 1 - number):
            place = {"level": level + 1, "side": "decoder"}
            up, cat = f"up{level}{number}", f"cat{level}{number}"
            add(up, TransposedConvolution(4), f"x{level + 1}{number - 1}", **place)
            add(cat, Concatenation(), *(f"x{level}{n}" for n in range(number)), up, **place)
            add(f"x{level}{number}", same, cat, **place)
    return RecordedSpec((64, 64), 1, tuple(records), "image")


def residual_chain(blocks):
    """Return a network of residual blocks in one row, with many channels."""
    same, records, last = Convolution(2048, padding="same"), [], "image"
    for number in range(blocks):
        one, two, total = (f"{word}{number}" for word in ("one", "two", "sum"))
        for name, source in ((one, last), (two, one)):
            records.append(Record(name, "conv", same, (source,), 1, "encoder"))
        inputs = (two, last if number else one)
        records.append(Record(total, "add", Addition(), inputs, 1, "encoder"))
        last = total
    return RecordedSpec((8, 8), 1, tuple(records), "image")
