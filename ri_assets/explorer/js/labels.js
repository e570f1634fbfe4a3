/** Labels that never overlap: placed largest first, moved aside, or left out. */

const GAP = 4;

/**
 * Choose places for labels.
 * @param {{x: number, y: number, width: number, height: number}[]} wanted centres and sizes in
 *   pixels, most important first
 * @param {number} width @param {number} height of the area
 * @returns {({x: number, y: number} | null)[]} centres; null where there is no room
 */
export function placeLabels(wanted, width, height) {
  /** @type {{l: number, r: number, t: number, b: number}[]} */
  const taken = [];
  return wanted.map((label) => {
    const w = label.width / 2 + GAP, d = label.height / 2 + GAP;
    if (label.x < 0 || label.x > width || label.y < 0 || label.y > height) return null;
    for (const [mx, my] of MOVES) {
      const x = Math.min(Math.max(label.x + mx * w, w), width - w);
      const y = Math.min(Math.max(label.y + my * 2 * d, d), height - d);
      const box = { l: x - w, r: x + w, t: y - d, b: y + d };
      if (taken.every((o) => box.r <= o.l || box.l >= o.r || box.b <= o.t || box.t >= o.b)) {
        taken.push(box);
        return { x, y };
      }
    }
    return null;
  });
}

const MOVES = [
  [0, 0], [0, -1], [0, 1], [0.7, 0], [-0.7, 0], [0.7, -1], [-0.7, -1], [0.7, 1], [-0.7, 1],
  [0, -2], [0, 2], [1.3, 0], [-1.3, 0],
];
