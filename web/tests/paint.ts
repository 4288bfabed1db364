/** Painting strokes for tests, point by point as `golden/make.py` does. */

export type Stroke = readonly (readonly [x: number, y: number])[];

/** Return how much the pen covers each point, 0 to 255. */
export function paint(strokes: readonly Stroke[], brush: number, width: number, height: number): Uint8Array {
  const nearest = new Float64Array(width * height).fill(Infinity);
  const reach = brush / 2 + 1;
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i++) {
      const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
      const [dx, dy] = [bx - ax, by - ay];
      const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
      const foot = Math.min(height - 1, Math.ceil(Math.max(ay, by) + reach));
      const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
      const right = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + reach));
      for (let y = top; y <= foot; y++) {
        for (let x = left; x <= right; x++) {
          const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
          const along = Math.min(1, Math.max(0, (px * dx + py * dy) / Math.max(dx * dx + dy * dy, 1e-9)));
          const distance = (px - along * dx) ** 2 + (py - along * dy) ** 2;
          if (distance < nearest[y * width + x]) nearest[y * width + x] = distance;
        }
      }
    }
  }
  return Uint8Array.from(nearest, (square) =>
    Math.floor(255 * Math.min(1, Math.max(0, brush / 2 + 0.5 - Math.sqrt(square))) + 0.5),
  );
}
