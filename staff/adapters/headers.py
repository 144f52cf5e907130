"""Sizes and frames as the bytes state them, read without decoding, so that a bomb is known before it goes off.

Each reader walks the blocks of one format in one pass and gives up early on floods of tiny blocks, which would keep a
decoder busy for minutes. A ValueError means that the bytes are not what they claim.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

MAX_FRAMES = 200
# Real files have dozens; a flood of them is an attack on time and memory.
MAX_SEGMENTS = 5000
MAX_DATA_BLOCKS = 100_000
MAX_SCANS = 100  # each scan of a progressive JPEG is a walk over all its pixels


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a picture says of itself; ``frame_count`` stops one above the limit."""

    width: int
    height: int
    frame_count: int = 1
    is_complete: bool = True
    colour_code: int = 0  # of PSD
    depth: int = 8  # of PSD, bits per channel
    is_transparent: bool = False  # of PSD: its fourth channel is transparency and not a saved selection


def read_header(data: bytes, format_: str) -> Header:
    """Return what the header says; ValueError when there is none that makes sense."""
    try:
        header = _READERS[format_](data)
    except (struct.error, IndexError) as error:
        raise ValueError("cut off") from error
    if header.width < 1 or header.height < 1:
        raise ValueError("no size")
    return header


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    width, height = struct.unpack_from(">II", data, 16)
    frames = segments = blocks = 0
    is_complete = False
    position = 8
    while position + 12 <= len(data) and frames <= MAX_FRAMES and not is_complete:
        length, kind = struct.unpack_from(">I4s", data, position)
        position += 12 + length
        if kind in {b"IDAT", b"fdAT", b"fcTL"}:
            blocks += 1
        else:
            segments += 1
        frames += kind == b"fcTL"
        is_complete = kind == b"IEND" and position <= len(data)
        _refuse_flood(segments, blocks)
    return Header(width=width, height=height, frame_count=max(frames, 1), is_complete=is_complete)


_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # after pixels: neither a stuffed FF nor a restart
_FRAME_STARTS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> Header:
    size = None
    segments = scans = 0
    position = 2
    while (found := _MARKER.search(data, position)) is not None:
        marker, position = data[found.start() + 1], found.end()
        if marker == 0xD9:
            break
        if marker in {0x01, 0xD8}:
            continue
        if marker in _FRAME_STARTS:
            height, width = struct.unpack_from(">HH", data, position + 3)
            size = (max(width, size[0]), max(height, size[1])) if size else (width, height)
        segments += 1
        scans += marker == 0xDA
        _refuse_flood(segments, 0)
        if scans > MAX_SCANS:
            raise ValueError("too many scans")
        if position + 2 > len(data):
            break
        position += max(2, struct.unpack_from(">H", data, position)[0])
    if size is None:
        raise ValueError("no frame")
    return Header(width=size[0], height=size[1])  # whether all pixels are there, the decoder knows


def _gif(data: bytes) -> Header:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13 + _gif_palette(flags)
    frames = segments = 0
    while position < len(data) and data[position] != 0x3B and frames <= MAX_FRAMES:
        if data[position] == 0x2C:
            left, top, across, down, flags = struct.unpack_from("<HHHHB", data, position + 1)
            width, height = max(width, left + across), max(height, top + down)
            frames += 1
            position += 11 + _gif_palette(flags)
        elif data[position] == 0x21:
            segments += 1
            _refuse_flood(segments, 0)
            position += 2
        else:
            raise ValueError("no block")
        position = _gif_end_of_blocks(data, position)
    return Header(width=width, height=height, frame_count=max(frames, 1), is_complete=frames > 0)


def _gif_palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_end_of_blocks(data: bytes, position: int) -> int:
    while length := data[position]:  # IndexError: cut off
        position += 1 + length
    return position + 1


def _webp(data: bytes) -> Header:
    width, height = _webp_size(data)
    frames = segments = 0
    position, end = 12, 8 + struct.unpack_from("<I", data, 4)[0]
    while position + 8 <= min(end, len(data)) and frames <= MAX_FRAMES:
        kind, length = struct.unpack_from("<4sI", data, position)
        position += 8 + length + length % 2
        frames += kind == b"ANMF"
        segments += 1
        _refuse_flood(segments, 0)
    return Header(width=width, height=height, frame_count=max(frames, 1), is_complete=end <= len(data) + 1)


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise ValueError("no picture")


def _psd(data: bytes) -> Header:
    height, width, depth, colour_code = struct.unpack_from(">IIHH", data, 14)
    position = 26
    position += 4 + struct.unpack_from(">I", data, position)[0]  # colours
    length = struct.unpack_from(">I", data, position)[0]
    _walk_psd_resources(data, position + 4, length)
    position += 4 + length
    layers, _layer_info, layer_count = struct.unpack_from(">IIh", data, position)
    return Header(
        width=width,
        height=height,
        is_complete=position + 4 + layers + 2 < len(data),
        colour_code=colour_code,
        depth=depth,
        is_transparent=layers >= 6 and layer_count < 0,  # a negative count says so
    )


def _walk_psd_resources(data: bytes, position: int, length: int) -> None:
    end, segments = min(position + length, len(data)), 0
    while position + 12 <= end:
        position += 6 + (data[position + 6] | 1) + 1  # the name and its length, padded to an even number
        size = struct.unpack_from(">I", data, position)[0]
        position += 4 + size + size % 2
        segments += 1
        _refuse_flood(segments, 0)


def _refuse_flood(segments: int, blocks: int) -> None:
    if segments > MAX_SEGMENTS or blocks > MAX_DATA_BLOCKS:
        raise ValueError("flood of blocks")


_READERS: dict[str, Callable[[bytes], Header]] = {"png": _png, "jpeg": _jpeg, "webp": _webp, "gif": _gif, "psd": _psd}
