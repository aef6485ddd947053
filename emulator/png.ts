import { constants, crc32, deflateSync } from "node:zlib";

/** A picture of at most 256 colours. */
export interface IndexedPicture {
  width: number;
  height: number;
  /** Red, green and blue of each colour. */
  palette: readonly (readonly [number, number, number])[];
  /** Each point that is drawn shows as a square of so many pixels. */
  pointSize: number;
  /** Writes the colours of the points of a row, counted from above, into `points`. */
  drawRow(row: number, points: Buffer): void;
}

/** PNG's filters: `none` holds the pixels themselves, `up` the difference from the row above. */
const filter = { none: 0, up: 2 };

/**
 * Encodes a PNG with a palette. Done here because it is ten times as fast as through full-colour pixels: a repeated row is
 * a run of zeros.
 */
export function encodePng(picture: IndexedPicture): Buffer {
  const { width, height, pointSize } = picture;
  const scanlines = Buffer.alloc((width + 1) * height);
  const points = Buffer.alloc(Math.ceil(width / pointSize));
  for (let y = 0; y < height; y += 1) {
    const start = y * (width + 1);
    if (y % pointSize !== 0) {
      scanlines[start] = filter.up;
      continue;
    }
    scanlines[start] = filter.none;
    picture.drawRow(y / pointSize, points);
    for (let from = 0, to = 0; from < points.length; from = to) {
      const colour = points[from] as number;
      while (to < points.length && points[to] === colour) to += 1;
      scanlines.fill(colour, start + 1 + from * pointSize, start + 1 + Math.min(width, to * pointSize));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // 8 bits a pixel, indexes into a palette
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(picture.palette.flat())),
    chunk("IDAT", deflateSync(scanlines, { level: 1, strategy: constants.Z_RLE })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
