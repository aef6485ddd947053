import { createHash } from "node:crypto";
import type { Size } from "./pictureSize";
import type { IndexedPicture } from "./png";

const skyShades = 96;
const hillShades = 24;
const hillCount = 4;
const sunColour = skyShades + hillCount * hillShades;

/** About how many points are along the longer side. */
const resolution = 256;

/**
 * A sun over hills, stood in for a generated picture. The same words give the same colours and shapes; `subject` (what
 * the picture shows) decides the colours, `variation` (which picture of it) the shapes.
 */
export function landscape(subject: string, variation: string, size: Size): IndexedPicture {
  const colour = numbers(subject);
  const shape = numbers(`${subject}\n${variation}`);
  const pointSize = Math.max(1, Math.round(Math.max(size.width, size.height) / resolution));
  // From here on all lengths are in points.
  const width = Math.ceil(size.width / pointSize);
  const height = Math.ceil(size.height / pointSize);
  const hue = colour() * 360;
  const sunX = width * (0.15 + 0.7 * shape());
  const sunY = height * (0.15 + 0.3 * shape());
  const sunRadius = Math.min(width, height) * (0.06 + 0.08 * shape());
  const hills = Array.from({ length: hillCount }, (_, index) => hill(width, height, index, shape));
  return {
    ...size,
    palette: palette(hue, colour() < 0.25),
    pointSize,
    drawRow(y, points) {
      points.fill(Math.floor((y / height) * skyShades));
      const reach = Math.sqrt(Math.max(0, sunRadius ** 2 - (y - sunY) ** 2));
      if (reach > 0) points.fill(sunColour, clamp(sunX - reach, width), clamp(sunX + reach, width));
      hills.forEach((tops, index) => {
        const first = skyShades + index * hillShades;
        for (let x = 0; x < width; x += 1) {
          const depth = (80 * (y - (tops[x] as number))) / height;
          if (depth >= 0) points[x] = first + Math.min(hillShades - 1, Math.floor(depth));
        }
      });
    },
  };
}

/** The height of a hill's top at each column, in points from above. The last hill is the nearest and lowest. */
function hill(width: number, height: number, index: number, shape: () => number): Float64Array {
  const base = height * (0.5 + 0.12 * index);
  const waves = [1, 2.3, 5.1].map((speed) => ({
    speed: ((speed + shape()) * 2 * Math.PI) / width,
    phase: shape() * 2 * Math.PI,
    swing: (height * 0.06) / speed,
  }));
  return Float64Array.from({ length: width }, (_, x) =>
    waves.reduce((top, { speed, phase, swing }) => top + swing * Math.sin(x * speed + phase), base),
  );
}

function palette(hue: number, night: boolean): [number, number, number][] {
  const sky = Array.from({ length: skyShades }, (_, index) => {
    const down = index / skyShades;
    return night ? rgb(hue + 40 * down, 0.5, 0.08 + 0.22 * down) : rgb(hue + 70 * down, 0.65, 0.45 + 0.45 * down);
  });
  const hills = Array.from({ length: hillCount }, (_, index) =>
    Array.from({ length: hillShades }, (_, shade) => {
      const light = (night ? 0.24 : 0.48) - (night ? 0.05 : 0.1) * index - (0.08 * shade) / hillShades;
      return rgb(hue + 150 + 18 * index, 0.4, light);
    }),
  );
  return [...sky, ...hills.flat(), night ? [244, 240, 214] : rgb(hue + 45, 1, 0.92)];
}

/** Evenly spread numbers from 0 to 1, the same for the same words. */
function numbers(words: string): () => number {
  const bytes = createHash("sha512").update(words).digest();
  let index = 0;
  return () => bytes.readUInt16BE((2 * index++) % bytes.length) / 65536;
}

function rgb(hue: number, saturation: number, light: number): [number, number, number] {
  const channel = (offset: number): number => {
    const k = (offset + (((hue % 360) + 360) % 360) / 30) % 12;
    return Math.round(
      255 * (light - saturation * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1))),
    );
  };
  return [channel(0), channel(8), channel(4)];
}

function clamp(x: number, width: number): number {
  return Math.min(width, Math.max(0, Math.round(x)));
}
