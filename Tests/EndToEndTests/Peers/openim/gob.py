"""Go's encoding/gob, as far as one struct per frame needs it: every frame brings its own type definitions and one value.

Decoding takes any type id, field order and unknown fields (also nested ones), as Go does; it refuses what Go refuses.
"""

INT, STRING, BYTES = 2, 6, 5
_BOOL, _UINT, _FLOAT, _COMPLEX, _INTERFACE = 1, 3, 4, 7, 8
_DEEPEST = 32


class GobError(Exception):
    pass


def unsigned(value: int) -> bytes:
    if value < 128:
        return bytes((value,))
    size = (value.bit_length() + 7) // 8
    return bytes((256 - size,)) + value.to_bytes(size, "big")


def signed(value: int) -> bytes:
    return unsigned(value << 1 if value >= 0 else (~value << 1) | 1)


def _counted(data: bytes) -> bytes:
    return unsigned(len(data)) + data


def definition(name: str, fields: list[tuple[str, int]], type_id: int) -> bytes:
    """The message that defines a struct: its name, its id, and each field's name and built-in type."""
    common = b"\x01" + _counted(name.encode()) + b"\x01" + signed(type_id) + b"\x00"
    listed = b"".join(b"\x01" + _counted(field.encode()) + b"\x01" + signed(kind) + b"\x00" for field, kind in fields)
    struct = b"\x01" + common + b"\x01" + unsigned(len(fields)) + listed + b"\x00"
    return _counted(signed(-type_id) + b"\x03" + struct + b"\x00")


def value(values: list[int | bytes], type_id: int) -> bytes:
    """The message with the value; what is zero or empty is left out."""
    parts, last = [signed(type_id)], -1
    for index, item in enumerate(values):
        if item:
            parts.append(unsigned(index - last))
            parts.append(signed(item) if isinstance(item, int) else _counted(item))
            last = index
    parts.append(b"\x00")
    return _counted(b"".join(parts))


class _Reader:
    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int = 0, end: int | None = None):
        self.data, self.position, self.end = data, position, len(data) if end is None else end

    def unsigned(self) -> int:
        at = self.position
        if at >= self.end:
            raise GobError("unexpected end")
        first = self.data[at]
        if first < 128:
            self.position = at + 1
            return first
        size = 256 - first
        if size > 8:
            raise GobError("a number of more than 8 bytes")
        return int.from_bytes(self.take(size, at + 1), "big")

    def signed(self) -> int:
        number = self.unsigned()
        return ~(number >> 1) if number & 1 else number >> 1

    def take(self, size: int, at: int | None = None) -> bytes:
        start = self.position if at is None else at
        if size > self.end - start:
            raise GobError("unexpected end")
        self.position = start + size
        return self.data[start : start + size]

    def counted(self) -> bytes:
        return self.take(self.unsigned())


class _Array:
    def __init__(self, element: int, length: int | None = None):
        self.element, self.length = element, length


class _Map:
    def __init__(self, key: int, element: int):
        self.key, self.element = key, element


class _Struct:
    def __init__(self, fields: list[tuple[str, int]]):
        self.fields = fields


class _Opaque:
    """A type that encodes itself: counted bytes."""


def _fields(reader: _Reader):
    """The numbers of the fields that a struct sends."""
    number = -1
    while delta := reader.unsigned():
        number += delta
        yield number


def _common(reader: _Reader) -> None:
    for number in _fields(reader):
        if number == 0:
            reader.counted()
        elif number == 1:
            reader.signed()
        else:
            raise GobError("a corrupted type definition")


def _element_field(reader: _Reader) -> tuple[str, int]:
    name, kind = b"", 0
    for number in _fields(reader):
        if number == 0:
            name = reader.counted()
        elif number == 1:
            kind = reader.signed()
        else:
            raise GobError("a corrupted type definition")
    return name.decode("utf-8", "replace"), kind


def _wire_type(reader: _Reader) -> object:
    """The payload of a definition: wireType, of whose fields one is set."""
    result: object = None
    for shape in _fields(reader):
        numbers, elements = [0, 0], []
        for number in _fields(reader):
            if number == 0:
                _common(reader)
            elif shape == 2 and number == 1:
                count = reader.unsigned()
                if count > reader.end - reader.position:
                    raise GobError("more fields than bytes")
                elements = [_element_field(reader) for _ in range(count)]
            elif number in (1, 2) and shape in (0, 1, 3):
                numbers[number - 1] = reader.signed()
            else:
                raise GobError("a corrupted type definition")
        if shape == 0:
            result = _Array(numbers[0], numbers[1])
        elif shape == 1:
            result = _Array(numbers[0])
        elif shape == 2:
            result = _Struct(elements)
        elif shape == 3:
            result = _Map(numbers[0], numbers[1])
        elif shape in (4, 5, 6):
            result = _Opaque()
        else:
            raise GobError("an unknown kind of type")
    if result is None:
        raise GobError("an empty type definition")
    return result


def _skip(reader: _Reader, kind: int, types: dict[int, object], depth: int) -> None:
    if depth > _DEEPEST:
        raise GobError("nested too deeply")
    if kind in (_BOOL, INT, _UINT, _FLOAT):
        reader.unsigned()
    elif kind in (BYTES, STRING):
        reader.counted()
    elif kind == _COMPLEX:
        reader.unsigned()
        reader.unsigned()
    elif kind == _INTERFACE:
        if reader.counted():
            reader.signed()
            reader.counted()
    else:
        shape = types.get(kind)
        if isinstance(shape, _Opaque):
            reader.counted()
        elif isinstance(shape, _Struct):
            for number in _fields(reader):
                if number >= len(shape.fields):
                    raise GobError("a field beyond the definition")
                _skip(reader, shape.fields[number][1], types, depth + 1)
        elif isinstance(shape, (_Array, _Map)):
            count = reader.unsigned()
            if count > reader.end - reader.position or getattr(shape, "length", None) not in (None, count):
                raise GobError("a wrong number of elements")
            for _ in range(count):
                if isinstance(shape, _Map):
                    _skip(reader, shape.key, types, depth + 1)
                _skip(reader, shape.element, types, depth + 1)
        else:
            raise GobError("unknown type id or corrupted data")


_known_definitions: dict[bytes, tuple[int, object]] = {}


def _definition(message: bytes, type_id: int, start: int) -> object:
    """A parsed definition. Peers send the same few for ever, so they are kept."""
    found = _known_definitions.get(message)
    if found is None:
        found = (type_id, _wire_type(_Reader(message, start)))
        if len(_known_definitions) < 256:
            _known_definitions[message] = found
    return found[1]


def decode(frame: bytes, kinds: dict[str, int]) -> tuple[dict[str, int | bytes], int]:
    """The fields of `kinds` (name to built-in type) that the first value in `frame` has, and its type id."""
    types: dict[int, object] = {}
    reader = _Reader(frame)
    while True:
        size = reader.unsigned()
        start = reader.position
        if size > reader.end - start:
            raise GobError("unexpected end")
        message = _Reader(frame, start, start + size)
        type_id = message.signed()
        if type_id >= 0:
            return _struct(message, type_id, types, kinds), type_id
        if -type_id in types:
            raise GobError("a type defined twice")
        types[-type_id] = _definition(frame[start : start + size], type_id, message.position - start)
        reader.position = start + size


def _struct(
    message: _Reader, type_id: int, types: dict[int, object], kinds: dict[str, int]
) -> dict[str, int | bytes]:
    shape = types.get(type_id)
    if not isinstance(shape, _Struct):
        raise GobError("unknown type id or corrupted data")
    for name, kind in shape.fields:
        if kinds.get(name, kind) != kind:
            raise GobError(f"wrong type for received field {name}")
    if shape.fields and not any(name in kinds for name, _ in shape.fields):
        raise GobError("no fields in common")
    result: dict[str, int | bytes] = {}
    for number in _fields(message):
        if number >= len(shape.fields):
            raise GobError("a field beyond the definition")
        name, kind = shape.fields[number]
        if name not in kinds:
            _skip(message, kind, types, 0)
        else:
            result[name] = message.signed() if kind == INT else message.counted()
    return result
