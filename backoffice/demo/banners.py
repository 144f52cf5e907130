"""Draws the demo's banners: one silhouette, bars and a few Latin words at the size that a slot demands."""

import io

from PIL import Image, ImageDraw, ImageFont

from backoffice.demo.silhouettes import draw

_INK = "#26262e"


def banner(
    *, size: tuple[int, int], shape: str, colour: str, words: str, ground: str = "#f1ece4", mirrored: bool = False
) -> bytes:
    """Return a JPEG of ``size``: the goods on one side (the other when mirrored), the words beside or below them."""
    width, height = size
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    wide = width > height * 1.2
    edge = min(height, width) if not wide else height
    goods = Image.open(io.BytesIO(draw(shape=shape, colour=colour))).resize((edge, edge), Image.Resampling.BILINEAR)
    left = (0 if mirrored else width - edge) if wide else (width - edge) // 2
    image.paste(goods, (left, 0))
    box = (edge if mirrored else 0, 0) if wide else (0, edge)
    room = (width - edge if wide else width, height if wide else max(1, height - edge))
    _write(pen, words, box, room, colour)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=86)
    return buffer.getvalue()


def _write(pen: ImageDraw.ImageDraw, words: str, box: tuple[int, int], room: tuple[int, int], colour: str) -> None:
    """Write the words as large as the room allows, with a bar in the goods' colour under them."""
    left, top = box[0] + room[0] * 0.09, box[1] + room[1] * 0.28
    size = max(12.0, min(room[1] * 0.3, room[0] * 1.5 / max(1, len(words))))
    pen.text((left, top), words, fill=_INK, font=ImageFont.load_default(size))
    bar = top + size * 1.5
    pen.rectangle((left, bar, left + room[0] * 0.3, bar + max(4.0, size * 0.14)), fill=colour)
