export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Largest value that is good enough. */
  readonly goal?: number;
}

export interface Measure {
  readonly name: string;
  /** Repeats what it measures this often, interleaved, and takes medians, where it says nothing else. */
  run(repetitions: number): Promise<Figure[]>;
}

export function figure(name: string, value: number, unit: string, goal?: number): Figure {
  return goal === undefined ? { name, value, unit } : { name, value, unit, goal };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Values by name, as they come in. */
export class Samples<Name extends string> {
  private readonly values = new Map<Name, number[]>();

  add(name: Name, value: number): void {
    this.values.set(name, [...(this.values.get(name) ?? []), value]);
  }

  median(name: Name): number {
    return median(this.values.get(name) ?? []);
  }
}

/** Of the logarithms: 1 for what grows as its cause does. */
export function exponent(points: readonly (readonly [cause: number, value: number])[]): number {
  const logarithms = points.map(([cause, value]) => [Math.log(cause), Math.log(value)] as const);
  const mean = (axis: 0 | 1) => logarithms.reduce((sum, point) => sum + point[axis], 0) / logarithms.length;
  const [x, y] = [mean(0), mean(1)];
  const over = logarithms.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / logarithms.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}
