// A QR code of a short text (bytes, error correction M, versions 1 to 13), drawn as one path. ISO/IEC 18004.
const EC = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22]; // error correction bytes of a block
const BLOCKS: [number, number, number, number][] = [ // so many blocks of so many data bytes, and so many of one more
  [1, 16, 0, 0], [1, 28, 0, 0], [1, 44, 0, 0], [2, 32, 0, 0], [2, 43, 0, 0], [4, 27, 0, 0], [4, 31, 0, 0],
  [2, 38, 2, 39], [3, 36, 2, 37], [4, 43, 1, 44], [1, 50, 4, 51], [6, 36, 2, 37], [8, 37, 1, 38],
];
const ALIGN = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50], [6, 30, 54], [6, 32, 58], [6, 34, 62]];

const EXP = new Uint8Array(512), LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
  x = (x << 1) ^ (x & 128 ? 0x11d : 0);
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!);

function correction(data: number[], count: number): number[] {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    const next = [...generator, 0];
    for (let j = 0; j < generator.length; j++) next[j + 1]! ^= times(generator[j]!, EXP[i]!);
    generator = next;
  }
  const rest = [...data, ...new Array<number>(count).fill(0)];
  for (let i = 0; i < data.length; i++) {
    const factor = rest[i]!;
    for (let j = 0; j < generator.length; j++) rest[i + j]! ^= times(generator[j]!, factor);
  }
  return rest.slice(data.length);
}

function codewords(bytes: Uint8Array, version: number): number[] {
  const [a, n, b, m] = BLOCKS[version - 1]!;
  const capacity = a * n + b * m;
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((one) => put(one, 8));
  put(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const data: number[] = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(""), 2));
  for (let pad = 0xec; data.length < capacity; pad ^= 0xec ^ 0x11) data.push(pad);
  const blocks: number[][] = [];
  for (let i = 0, from = 0; i < a + b; i++) {
    const length = i < a ? n : m;
    blocks.push(data.slice(from, from + length));
    from += length;
  }
  const checks = blocks.map((block) => correction(block, EC[version - 1]!));
  const mixed = (lists: number[][]): number[] =>
    Array.from({ length: Math.max(...lists.map((one) => one.length)) }, (_, i) => lists.flatMap((one) => (i < one.length ? [one[i]!] : []))).flat();
  return [...mixed(blocks), ...mixed(checks)];
}

function bch(value: number, generator: number, length: number): number {
  let rest = value << length;
  for (let i = 31; i >= length; i--) if (rest & (1 << i)) rest ^= generator << (i - length);
  return (value << length) | rest;
}

type Grid = (boolean | undefined)[][];

function finder(grid: Grid, top: number, left: number): void {
  const size = grid.length;
  for (let y = -1; y < 8; y++)
    for (let x = -1; x < 8; x++) {
      if (top + y < 0 || left + x < 0 || top + y >= size || left + x >= size) continue;
      const ring = Math.max(Math.abs(y - 3), Math.abs(x - 3));
      grid[top + y]![left + x] = ring !== 2 && ring < 4;
    }
}

function frame(version: number): Grid {
  const size = 17 + 4 * version;
  const grid: Grid = Array.from({ length: size }, () => new Array<boolean | undefined>(size).fill(undefined));
  finder(grid, 0, 0);
  finder(grid, 0, size - 7);
  finder(grid, size - 7, 0);
  for (const y of ALIGN[version - 1]!)
    for (const x of ALIGN[version - 1]!)
      if (grid[y]![x] === undefined)
        for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) grid[y + dy]![x + dx] = Math.max(Math.abs(dy), Math.abs(dx)) !== 1;
  for (let i = 8; i < size - 8; i++) grid[6]![i] = grid[i]![6] = i % 2 === 0;
  const format = bch(0, 0x537, 10) ^ 0x5412; // M, mask 0
  for (let i = 0; i < 15; i++) {
    const bit = ((format >> i) & 1) === 1;
    grid[i < 6 ? i : i < 8 ? i + 1 : size - 15 + i]![8] = bit;
    grid[8]![i < 8 ? size - 1 - i : i < 9 ? 15 - i : 14 - i] = bit;
  }
  grid[size - 8]![8] = true;
  const number = version < 7 ? 0 : bch(version, 0x1f25, 12);
  for (let i = 0; version >= 7 && i < 18; i++) {
    const bit = ((number >> i) & 1) === 1;
    grid[Math.floor(i / 3)]![size - 11 + (i % 3)] = bit;
    grid[size - 11 + (i % 3)]![Math.floor(i / 3)] = bit;
  }
  return grid;
}

/** The dark modules of a text, row by row; undefined when it is too long. */
export function code(text: string): boolean[][] | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex(([a, n, b, m], i) => a * n + b * m - (i < 9 ? 2 : 3) >= bytes.length) + 1;
  if (version === 0) return undefined;
  const grid = frame(version), size = grid.length;
  const bits = codewords(bytes, version).flatMap((one) => Array.from({ length: 8 }, (_, i) => (one >> (7 - i)) & 1));
  let at = 0, up = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let i = 0; i < size; i++)
      for (const x of [right, right - 1]) {
        const y = up ? size - 1 - i : i;
        if (grid[y]![x] === undefined) grid[y]![x] = (bits[at++] ?? 0) === 1 !== ((x + y) % 2 === 0);
      }
    up = !up;
  }
  return grid as boolean[][];
}

export function Qr({ text }: { text: string }) {
  const grid = code(text);
  if (grid === undefined) return null;
  const path = grid.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : []))).join("");
  const size = grid.length + 8;
  return <svg class="qr" width={220} height={220} viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR"><rect width={size} height={size} fill="#fff" /><path d={path} fill="#000" /></svg>;
}
