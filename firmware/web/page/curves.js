// Loss over cost, both on log axes: the run under way, and those before it.

const COLOURS = 6;

/** A run's curve, to be drawn beside others. */
class Curve {
  /** F in the end and the costs up to it, one a half-step. */
  points = [];

  constructor(label, first, colour) {
    this.label = label;
    this.first = first;
    this.colour = colour;
  }

  push(cost, loss) {
    this.points.push([cost, loss]);
  }

  get last() {
    return this.points[this.points.length - 1];
  }
}

/** Draws curves into `place`; the last is the one under way. */
function drawCurves(place, curves) {
  const width = Math.max(280, place.clientWidth);
  const height = width < 500 ? 240 : 300;
  const [left, right, top, bottom] = [62, 12, 26, 40];
  const drawn = curves.filter((curve) => curve.points.length > 0);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  place.replaceChildren(picture);
  if (drawn.length === 0) return;

  const costs = drawn.flatMap(({ points }) => [points[0][0], points[points.length - 1][0]]);
  const losses = drawn.flatMap(({ points, first }) => [first, ...points.map((point) => point[1])]).filter((x) => x > 0);
  const xs = [0.8 * Math.min(...costs), 1.1 * Math.max(...costs)];
  const ys = losses.length ? [0.97 * least(losses), 1.03 * most(losses)] : [1, 10];
  const x = logarithmic(xs, [left, width - right]);
  const y = logarithmic(ys, [height - bottom, top]);

  for (const tick of logTicks(ys, 6)) {
    picture.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
    picture.append(svg("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, axisNumber(tick)));
  }
  for (const tick of logTicks(xs, width < 500 ? 4 : 8)) {
    picture.append(svg("line", { class: "grid", x1: x(tick), x2: x(tick), y1: top, y2: height - bottom }));
    picture.append(svg("text", { x: x(tick), y: height - bottom + 18, "text-anchor": "middle" }, axisNumber(tick)));
  }
  picture.append(svg("text", { x: width - right, y: height - 4, "text-anchor": "end" }, "multiply-adds (log)"));
  picture.append(svg("text", { x: 2, y: 12 }, "loss F = ½‖V − WH‖² (log)"));

  for (const curve of drawn) {
    const start = `${left},${y(curve.first)}`;
    const points = thinned(curve.points, 600).map(([cost, loss]) => `${x(cost).toFixed(1)},${y(loss || ys[0]).toFixed(1)}`);
    const current = curve === curves[curves.length - 1];
    const kind = `curve colour-${curve.colour}${current ? " current" : ""}`;
    picture.append(svg("polyline", { class: kind, points: [start, ...points].join(" ") }));
    if (current) {
      const [cost, loss] = curve.last;
      picture.append(svg("circle", { class: `dot colour-${curve.colour}`, cx: x(cost), cy: y(loss || ys[0]), r: 4 }));
    }
  }
  picture.setAttribute("aria-label", drawn.map(({ label, last }) =>
    `${label}: loss ${written(last[1])} after ${written(last[0])} multiply-adds`).join("; "));
}

/** The list below the chart. */
function listCurves(list, curves) {
  list.replaceChildren(...curves.filter((curve) => curve.last).map(({ label, colour, last: [cost, loss] }) => {
    const item = document.createElement("li");
    const swatch = document.createElement("i");
    swatch.className = `swatch colour-${colour}`;
    item.append(swatch, `${label}: ${written(loss)} at ${written(cost)}`);
    return item;
  }));
}

/** A tick's number, short: 200, 5k, 2M; powers of ten beyond. */
function axisNumber(x) {
  for (const [unit, sign] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (x >= unit && x < 1e12) return `${Number((x / unit).toPrecision(3))}${sign}`;
  }
  return written(x);
}

function least(numbers) {
  return numbers.reduce((a, b) => (b < a ? b : a));
}

function most(numbers) {
  return numbers.reduce((a, b) => (b > a ? b : a));
}

/** At most about `count` points, the last among them. */
function thinned(points, count) {
  const stride = Math.ceil(points.length / count);
  return points.filter((_, k) => k % stride === 0 || k === points.length - 1);
}
